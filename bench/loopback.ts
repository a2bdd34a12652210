import { once } from 'node:events';
import { createServer } from 'node:http';

/** A server on a free loopback port that answers everything the same, knows how long the last body was, and keeps no process alive. */
export async function startServer(answer: string): Promise<{ readonly baseUrl: string; readonly received: { readonly bytes: number } }> {
  const received = { bytes: 0 };
  // Other work blocks this process for longer than a connection is kept by default: it would be closed while the next request is on its way.
  const server = createServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => {
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => (bytes += chunk.byteLength));
    incoming.on('end', () => {
      received.bytes = bytes;
      outgoing.writeHead(200, { 'content-type': 'application/fhir+json' }).end(answer);
    });
  });
  server.on('connection', (socket) => void socket.unref());
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const address = server.address();
  return { baseUrl: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/r4`, received };
}
