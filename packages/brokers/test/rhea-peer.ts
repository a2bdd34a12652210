import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import rhea from 'rhea';
import type { Connection, ConnectionOptions, Container } from 'rhea';

/** Has a peer of a test's own listen on loopback, and connects to it. @param stops - what ends both, the last one first. */
export async function connectedTo(peer: Container, stops: (() => unknown)[], options: Partial<ConnectionOptions>, onSocket: (socket: Socket) => void = () => undefined): Promise<Connection> {
  const server: Server = peer.listen({ port: 0, host: '127.0.0.1' });
  server.on('connection', onSocket);
  await once(server, 'listening');
  stops.push(() => server.close());
  const connection: Connection = rhea.create_container().connect({ host: '127.0.0.1', port: Object(server.address()).port, ...options });
  connection.on('disconnected', () => undefined);
  await once(connection, 'connection_open');
  stops.push(() => connection.close());
  return connection;
}
