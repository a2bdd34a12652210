import { toNodeHandler } from '@fhir-messaging/receiver';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens before it knows what it serves, so that a system knows its own address. */
export interface Served {
  readonly origin: string;
  serve(handler: (request: Request) => Promise<Response>): void;
  stop(): Promise<void>;
}

/** Listens on a free port of the loopback address. */
export async function listen(): Promise<Served> {
  let handle: (request: Request) => Promise<Response> = () => Promise.resolve(new Response(null, { status: 503 }));
  const server = createServer(toNodeHandler((request) => handle(request))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    serve(handler) {
      handle = handler;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
