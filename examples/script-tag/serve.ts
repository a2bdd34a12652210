import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** The page and its scripts, by the paths that the page names. Any web server would do. */
const files: Readonly<Record<string, { readonly type: string; readonly path: string }>> = {
  '/': { type: 'text/html; charset=utf-8', path: fileURLToPath(new URL('./index.html', import.meta.url)) },
  '/fhir-client.min.js': { type: 'text/javascript', path: require.resolve('fhirclient/build/fhir-client.min.js') },
  '/fhir-messaging.min.js': { type: 'text/javascript', path: built(require.resolve('@fhir-messaging/core/package.json'), 'fhir-messaging.min.js') },
  '/fhir-messaging-netsmart.min.js': { type: 'text/javascript', path: built(require.resolve('@fhir-messaging/netsmart/package.json'), 'fhir-messaging-netsmart.min.js') },
  '/fhir-messaging-fhirclient.min.js': { type: 'text/javascript', path: built(require.resolve('@fhir-messaging/fhirclient/package.json'), 'fhir-messaging-fhirclient.min.js') },
};

/** The page, served. */
export interface Served {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves the page on a free port of the loopback address. */
export async function servePage(): Promise<Served> {
  const server = createServer((request, response) => {
    const file = files[new URL(request.url ?? '', 'http://localhost').pathname];
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    readFile(file.path).then(
      (body) => response.writeHead(200, { 'content-type': file.type }).end(body),
      () => response.writeHead(500).end('Build the packages first: this example’s `start` does.'),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function built(manifest: string, file: string): string {
  return join(dirname(manifest), 'dist', file);
}
