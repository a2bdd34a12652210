import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../free-ports.ts';

/** Kafka brokers on free loopback ports, in a temporary folder. */
export interface KafkaCluster {
  /** `host:port` of each, by its node id less one. */
  readonly brokers: readonly string[];
  /** Ends a broker without a word. */
  kill(node: number): Promise<void>;
  /** Starts a broker that was killed, on its own port and data. */
  restart(node: number): Promise<void>;
  stop(): Promise<void>;
}

interface Broker {
  readonly node: number;
  readonly port: number;
  readonly controllerPort: number;
}

interface Running {
  readonly shell: ChildProcess;
  readonly pid: number;
}

/** Starts Apache Kafka (KRaft): each broker a controller too. They end with this process, however it ends. */
export async function startKafka(jars: string, count = 1): Promise<KafkaCluster> {
  const home = mkdtempSync(join(tmpdir(), 'kafka-'));
  // It may begin with a hyphen.
  const cluster = randomBytes(16).toString('base64url');
  const ports = await freePorts(2 * count);
  const brokers = Array.from({ length: count }, (_, index): Broker => ({ node: index + 1, port: ports[2 * index]!, controllerPort: ports[2 * index + 1]! }));
  for (const broker of brokers) format(jars, home, cluster, broker, brokers);
  const running = new Map<number, Running>(await Promise.all(brokers.map(async ({ node }) => [node, await start(jars, home, node)] as const)));

  const end = async (node: number, signal: NodeJS.Signals): Promise<void> => {
    const { shell, pid } = running.get(node)!;
    running.delete(node);
    process.kill(pid, signal);
    if (shell.exitCode === null) await once(shell, 'exit');
  };
  return {
    brokers: brokers.map(({ port }) => `127.0.0.1:${port}`),
    kill: (node) => end(node, 'SIGKILL'),
    async restart(node) {
      running.set(node, await start(jars, home, node));
    },
    async stop() {
      // Nothing in them is needed any more.
      await Promise.all([...running.keys()].map((node) => end(node, 'SIGKILL')));
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function format(jars: string, home: string, cluster: string, { node, port, controllerPort }: Broker, brokers: readonly Broker[]): void {
  const copies = brokers.length;
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': node,
    'controller.quorum.voters': brokers.map((other) => `${other.node}@127.0.0.1:${other.controllerPort}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(home, String(node)),
    'default.replication.factor': copies,
    'min.insync.replicas': Math.min(2, copies),
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': Math.min(2, copies),
    'transaction.state.log.num.partitions': 8,
    'auto.create.topics.enable': false,
    // What is waited for where somebody dies, or joins, in production longer.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 500,
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    'controller.quorum.election.timeout.ms': 1000,
    'controller.quorum.fetch.timeout.ms': 1500,
  };
  const file = settingsFile(home, node);
  mkdirSync(home, { recursive: true });
  writeFileSync(file, Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join(''));
  execFileSync('java', [...jvm, '-cp', `${jars}/*`, 'kafka.tools.StorageTool', 'format', `--cluster-id=${cluster}`, '--config', file], { stdio: ['ignore', 'ignore', 'inherit'] });
}

const jvm = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'] as const;

const settingsFile = (home: string, node: number): string => join(home, `${node}.properties`);

/**
 * The shell ends with the broker. When its own input ends, which is when this process is gone, however that ended, it kills the broker and
 * removes the folder.
 */
const watch = 'home=$1; shift; exec 3<&0; "$@" & broker=$!; echo "pid $broker"; { read -r _ <&3; kill -KILL "$broker"; rm -rf "$home"; } & wait "$broker"; kill $!';

async function start(jars: string, home: string, node: number): Promise<Running> {
  const shell = spawn('sh', ['-c', watch, 'sh', home, 'java', ...jvm, '-Dlog4j2.level=INFO', '-cp', `${jars}/*`, 'kafka.Kafka', settingsFile(home, node)], { stdio: ['pipe', 'pipe', 'ignore'] });
  const pid = await isReady(shell.stdout);
  shell.stdout.resume();
  return { shell, pid };
}

function isReady(log: NodeJS.ReadableStream): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (chunk: unknown): void => {
      said += String(chunk);
      if (!said.includes('Kafka Server started')) return;
      log.off('data', hear);
      resolve(Number(/pid (\d+)/.exec(said)?.[1]));
    };
    log.on('data', hear);
    log.on('end', () => reject(new Error(`Kafka did not start:\n${said.slice(-2000)}`)));
  });
}
