import type { RheaConnection } from './rhea-connection.ts';

/**
 * Resolves when a connection is open, at once where it is. What is opened on a connection that is lost, the client writes to the lost one, and does not write
 * again.
 */
export function whenOpen(connection: RheaConnection): Promise<void> {
  if (connection.is_open()) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const opened = (): void => {
      connection.removeListener('connection_open', opened);
      resolve();
    };
    connection.on('connection_open', opened);
  });
}
