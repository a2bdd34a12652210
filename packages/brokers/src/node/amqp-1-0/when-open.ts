import type { RheaConnection } from './rhea-connection.ts';

/** One listener for all that wait for a connection: while it is lost, many may give up. */
const opening = new WeakMap<RheaConnection, Promise<void>>();

/**
 * Resolves when a connection is open, at once where it is. What is opened on a connection that is lost, the client writes to the lost one, and does not write
 * again.
 */
export function whenOpen(connection: RheaConnection): Promise<void> {
  if (connection.is_open()) {
    return Promise.resolve();
  }
  const known = opening.get(connection);
  if (known !== undefined) {
    return known;
  }
  const open = new Promise<void>((resolve) => {
    const opened = (): void => {
      connection.removeListener('connection_open', opened);
      opening.delete(connection);
      resolve();
    };
    connection.on('connection_open', opened);
  });
  opening.set(connection, open);
  return open;
}
