import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { freePort } from '../../free-ports.ts';
import { mavenJars } from '../maven-jars.ts';

/** A throw-away Apache ActiveMQ Artemis on a free loopback port, in a temporary folder: AMQP 1.0 alone, nothing on disk. */
export interface ArtemisBroker {
  readonly url: string;
  stop(): Promise<void>;
}

/** The jars of Artemis; where there can be none: a failure in CI, elsewhere `undefined` and a loud word. */
export function artemisJars(): string | undefined {
  try {
    return mavenJars('artemis', new URL('pom.xml', import.meta.url));
  } catch (cause) {
    const missing = 'No Artemis that could be started: install Java 17 and Maven (Debian: apt-get install openjdk-17-jre-headless maven).';
    if (process.env['CI'] !== undefined) throw new Error(missing, { cause });
    console.warn(`\n*** SKIPPED: every test on Artemis. ${missing}\n`);
    return undefined;
  }
}

/**
 * The shell kills the broker and removes its folder when its own input ends: also when this process is killed.
 */
const watch = 'home=$1; shift; exec 3<&0; "$@" & broker=$!; read -r _ <&3; kill -KILL "$broker"; wait "$broker"; rm -rf "$home"';

/** Starts it. It ends with this process, however that ends. */
export async function startArtemis(jars: string): Promise<ArtemisBroker> {
  const home = mkdtempSync(join(tmpdir(), 'artemis-'));
  const settings = join(home, 'etc');
  const port = await freePort();
  mkdirSync(settings);
  writeFileSync(join(settings, 'management.xml'), '<management-context xmlns="http://activemq.apache.org/schema"/>');
  writeFileSync(join(settings, 'broker.xml'), brokerSettings(port));
  const configuration = pathToFileURL(join(settings, 'broker.xml')).href;
  writeFileSync(join(settings, 'bootstrap.xml'), `<broker xmlns="http://activemq.apache.org/schema"><jaas-security domain="activemq"/><server configuration="${configuration}"/></broker>`);

  const places = [`-Dartemis.home=${home}`, `-Dartemis.instance=${home}`, `-Dartemis.instance.etc=${settings}`];
  const command = ['java', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...places, '-cp', `${jars}/*`, 'org.apache.activemq.artemis.cli.Artemis', 'run'];
  const shell = spawn('sh', ['-c', watch, 'sh', home, ...command], { stdio: ['pipe', 'ignore', 'ignore'] });
  const stop = async (): Promise<void> => {
    shell.stdin.end();
    if (shell.exitCode === null) await once(shell, 'exit');
  };
  for (let tries = 0; !(await isListening(port)); tries += 1) {
    if (tries === 600) {
      await stop();
      throw new Error('Artemis did not start.');
    }
    await setTimeout(100);
  }
  return { url: `amqp://127.0.0.1:${port}`, stop };
}

/**
 * Queues are made where somebody sends to them, or receives from them, and stay. By itself Artemis takes nothing more
 * once the machine's disk is nine tenths full, though it writes nothing here: how full it is must not matter.
 */
function brokerSettings(port: number): string {
  return `<configuration xmlns="urn:activemq"><core xmlns="urn:activemq:core">
  <name>test</name>
  <persistence-enabled>false</persistence-enabled>
  <security-enabled>false</security-enabled>
  <max-disk-usage>100</max-disk-usage>
  <acceptors><acceptor name="amqp">tcp://127.0.0.1:${port}?protocols=AMQP</acceptor></acceptors>
  <address-settings>
    <address-setting match="#">
      <default-address-routing-type>ANYCAST</default-address-routing-type>
      <default-queue-routing-type>ANYCAST</default-queue-routing-type>
      <auto-delete-queues>false</auto-delete-queues>
      <auto-delete-addresses>false</auto-delete-addresses>
      <max-delivery-attempts>-1</max-delivery-attempts>
    </address-setting>
  </address-settings>
</core></configuration>`;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
