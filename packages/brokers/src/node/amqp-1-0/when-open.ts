import type { RheaConnection } from './rhea-connection.ts';

/** One listener for all waits on a connection: many may be given up while it is lost. */
const opening = new WeakMap<RheaConnection, Promise<void>>();

/**
 * Resolves when a connection is open, at once if it is. The client writes a link that is opened on a lost connection to the lost one, and does not write
 * it again.
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
