import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-ports.ts';

/** A PostgreSQL server to test against. */
export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

const inCI = process.env['CI'] !== undefined;

/**
 * The server at FHIR_MESSAGING_POSTGRES_URL, else a throw-away one of this machine's PostgreSQL, on a free loopback port, in a temporary folder,
 * as its own user where we are root. Where there is none: a failure in CI, elsewhere `undefined` and a loud word.
 */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const given = process.env['FHIR_MESSAGING_POSTGRES_URL'];
  if (given !== undefined) {
    return { url: given, stop: () => Promise.resolve() };
  }
  const programs = findPrograms();
  const user = findUser();
  if (programs === undefined || user === undefined) {
    const missing = 'No PostgreSQL that could be started: install it (Debian: apt-get install postgresql), or say where one runs in FHIR_MESSAGING_POSTGRES_URL.';
    if (inCI) throw new Error(missing);
    console.warn(`\n*** SKIPPED: every test on PostgreSQL. ${missing}\n`);
    return undefined;
  }
  return startThrowAway(programs, user);
}

interface User {
  readonly uid?: number;
  readonly gid?: number;
}

/** Debian keeps them off the PATH. */
function findPrograms(): string | undefined {
  const versions = '/usr/lib/postgresql';
  const folders = [...(existsSync(versions) ? readdirSync(versions).sort().reverse().map((version) => join(versions, version, 'bin')) : []), ...(process.env['PATH'] ?? '').split(':')];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
function findUser(): User | undefined {
  if (process.getuid?.() !== 0) {
    return {};
  }
  try {
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

async function startThrowAway(programs: string, user: User): Promise<PostgresServer> {
  const home = mkdtempSync(join(tmpdir(), 'postgres-'));
  if (user.uid !== undefined) chownSync(home, user.uid, user.gid ?? user.uid);
  const data = join(home, 'data');
  execFileSync(join(programs, 'initdb'), ['--pgdata', data, '--username', 'test', '--auth', 'trust', '--encoding', 'UTF8', '--no-locale', '--no-sync'], { ...user, cwd: home, stdio: 'ignore' });

  const port = await freePort();
  // As good as a durable one, but to a power cut; who needs that too says so for a connection: freshSchema(server, { isDurable: true }).
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'synchronous_commit=off', 'max_connections=200'];
  // The shell stops the server when its input ends: also when this process is killed.
  const script = '"$@" & server=$!; read -r _; kill -INT "$server"; wait "$server"';
  const child = spawn('sh', ['-c', script, 'sh', join(programs, 'postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    ...user,
    cwd: home,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  await isReady(child.stderr);
  child.stderr.resume();
  return {
    url: `postgres://test@127.0.0.1:${port}/postgres`,
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function isReady(log: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    log.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('ready to accept connections')) resolve();
    });
    log.on('end', () => reject(new Error(`PostgreSQL did not start:\n${said}`)));
  });
}
