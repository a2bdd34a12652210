import { execFile, execFileSync, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { freePorts } from '../free-ports.ts';

/** A RabbitMQ to test against. */
export interface RabbitServer {
  /** For both protocols. */
  readonly url: string;
  stop(): Promise<void>;
}

/** One that is ours, so that it can be ill-treated. */
export interface OwnRabbitServer extends RabbitServer {
  /** SIGKILL, and nothing else. */
  kill(): Promise<void>;
  /** Starts it again, with what is on its disk. */
  start(): Promise<void>;
  /** SIGSTOP: it says nothing any more, and closes nothing. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Has the server close every connection. */
  closeConnections(): Promise<void>;
  /** Stops a quorum queue, and nothing else. */
  stopQueue(queue: string): Promise<void>;
  /** Starts it again. */
  startQueue(queue: string): Promise<void>;
}

const inCI = process.env['CI'] !== undefined;

/** The broker at FHIR_MESSAGING_RABBITMQ_URL, else one of this machine's; where there is none, a failure in CI, elsewhere `undefined` and a loud word. */
export async function startRabbit(): Promise<RabbitServer | undefined> {
  const url = process.env['FHIR_MESSAGING_RABBITMQ_URL'];
  return url === undefined ? startOwnRabbit() : { url, stop: () => Promise.resolve() };
}

/** A throw-away RabbitMQ of this machine, on free loopback ports, in a temporary folder, as its own user where we are root. */
export async function startOwnRabbit(): Promise<OwnRabbitServer | undefined> {
  const programs = findPrograms();
  const user = findUser();
  if (programs === undefined || user === undefined) {
    const missing = 'No RabbitMQ that could be started: install it (Debian: apt-get install rabbitmq-server), or say where one runs in FHIR_MESSAGING_RABBITMQ_URL.';
    if (inCI) throw new Error(missing);
    console.warn(`\n*** SKIPPED: tests on RabbitMQ. ${missing}\n`);
    return undefined;
  }
  return startThrowAway(programs, user);
}

interface User {
  readonly uid?: number;
  readonly gid?: number;
}

/** Debian's scripts on the PATH keep their data where everybody's is: these are the server's own. */
function findPrograms(): string | undefined {
  const versions = '/usr/lib/rabbitmq/lib';
  const folders = existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, 'sbin')) : [];
  return folders.find((folder) => existsSync(join(folder, 'rabbitmq-server')));
}

function findUser(): User | undefined {
  if (process.getuid?.() !== 0) {
    return {};
  }
  try {
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'rabbitmq'], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

async function startThrowAway(programs: string, user: User): Promise<OwnRabbitServer> {
  const home = mkdtempSync(join(tmpdir(), 'rabbitmq-'));
  const [port, epmdPort, nodePort] = await freePorts(3);
  const file = (name: string, text: string): string => {
    writeFileSync(join(home, name), text);
    return join(home, name);
  };
  const config = file('rabbitmq.conf', [`listeners.tcp.1 = 127.0.0.1:${port}`, 'log.file.level = warning', 'disk_free_limit.absolute = 50MB', ''].join('\n'));
  const plugins = file('enabled_plugins', '[rabbitmq_amqp1_0].\n');
  if (user.uid !== undefined) for (const path of [home, config, plugins]) chownSync(path, user.uid, user.gid ?? user.uid);
  const pidFile = join(home, 'pid');
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `test-${randomUUID()}@localhost`,
    RABBITMQ_DIST_PORT: String(nodePort),
    // What a quorum queue could not move on it tries again after a while, in production after three minutes.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} -rabbit dead_letter_worker_publisher_confirm_timeout 5000',
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: config,
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_MNESIA_BASE: join(home, 'mnesia'),
    RABBITMQ_LOG_BASE: join(home, 'log'),
    RABBITMQ_PID_FILE: pidFile,
  };
  // The shell stops what it runs when its input ends: also when this process is killed.
  const run = (stop: string, ...command: readonly string[]): ChildProcessByStdio<Writable, Readable, null> =>
    spawn('sh', ['-c', `"$@" & read -r _; ${stop}; kill -KILL $! 2> /dev/null; wait`, 'sh', ...command], { ...user, env, cwd: home, stdio: ['pipe', 'pipe', 'ignore'] });
  const killServer = 'kill -KILL "$(cat "$RABBITMQ_PID_FILE")" 2> /dev/null';

  // Else the server would start one that outlives it.
  const names = run('true', 'epmd', '-address', '127.0.0.1', '-port', String(epmdPort));
  names.stdout.resume();
  let server = run(killServer, join(programs, 'rabbitmq-server'));
  await isReady(server.stdout, home);
  const pid = (): number => Number(readFileSync(pidFile, 'utf8'));
  const end = async (child: typeof server): Promise<void> => {
    child.stdin.end();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  const control = async (...command: readonly string[]): Promise<void> => {
    await promisify(execFile)(join(programs, 'rabbitmqctl'), ['--quiet', ...command], { ...user, env, cwd: home });
  };
  const replicaOf = (queue: string): string => `{list_to_atom("%2F_${queue}"), node()}`;
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    async stop() {
      await end(server);
      await end(names);
      rmSync(home, { recursive: true, force: true });
    },
    pause: () => void process.kill(pid(), 'SIGSTOP'),
    resume: () => void process.kill(pid(), 'SIGCONT'),
    async kill() {
      process.kill(pid(), 'SIGKILL');
      await end(server);
    },
    async start() {
      rmSync(pidFile, { force: true });
      server = run(killServer, join(programs, 'rabbitmq-server'));
      await isReady(server.stdout, home);
    },
    closeConnections: () => control('close_all_connections', 'by force'),
    stopQueue: (queue) => control('eval', `ra:stop_server(quorum_queues, ${replicaOf(queue)}).`),
    startQueue: (queue) => control('eval', `ra:restart_server(quorum_queues, ${replicaOf(queue)}).`),
  };
}

function isReady(output: Readable, home: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    output.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('completed with')) resolve();
    });
    output.on('end', () => {
      const log = join(home, 'log');
      const logs = existsSync(log) ? readdirSync(log).map((name) => readFileSync(join(log, name), 'utf8')) : [];
      reject(new Error(`RabbitMQ did not start:\n${said}\n${logs.join('\n')}`));
    });
  });
}
