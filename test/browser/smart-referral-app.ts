import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The example app, built and served on a free port of the loopback address. */
export interface ServedApp {
  readonly origin: string;
  /** The page that an EHR opens. */
  readonly launchPage: string;
  readonly stop: () => Promise<void>;
}

const example = fileURLToPath(new URL('../../examples/smart-referral', import.meta.url));
const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };

/**
 * Builds the example as its own script does, into a folder of its own, and serves it.
 *
 * @param react - React's development build runs what StrictMode runs twice, the other is what users get.
 */
export async function serveSmartReferral(react: 'production' | 'development' = 'production'): Promise<ServedApp> {
  const folder = await mkdtemp(join(tmpdir(), 'smart-referral-'));
  await build(folder, react);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const file = join(folder, normalize(pathname === '/' ? '/index.html' : pathname));
    readFile(file).then(
      (body) => response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    origin,
    launchPage: `${origin}/launch.html`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function build(folder: string, react: 'production' | 'development'): Promise<void> {
  const vite = join(example, 'node_modules/vite/bin/vite.js');
  const child = spawn(process.execPath, [vite, 'build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'], { cwd: example, env: { ...process.env, NODE_ENV: react }, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error('The example could not be built.');
}
