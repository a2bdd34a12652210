import { getRequestListener } from '@hono/node-server';
import { once } from 'node:events';
import { createServer } from 'node:http';

/** The connection behind a request, which an answer may break off. */
export interface Connection {
  /** node:http's response. */
  readonly outgoing: {
    writeHead(status: number, headers: Record<string, string>): unknown;
    write(chunk: string, written: () => void): unknown;
    destroy(): unknown;
  };
}

/** An app that answers requests. */
export interface FetchApp {
  fetch(request: Request, connection: Connection): Response | Promise<Response>;
}

/** A server on the loopback address. */
export interface LoopbackServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** Answers requests from now on. */
  serve(app: FetchApp): void;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1, and on no other address; port 0 is a free one. */
export async function listenOnLoopback(port: number): Promise<LoopbackServer> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new TypeError('The server has no port.');
  }
  return {
    origin: `http://127.0.0.1:${address.port}`,
    serve(app) {
      const listener = getRequestListener((request, connection) => app.fetch(request, connection), { overrideGlobalObjects: false });
      server.on('request', (incoming, outgoing) => void listener(incoming, outgoing));
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
