import type { RheaConnection } from './rhea-connection.ts';

/** One listener for each connection, however many send and receive by it: Node warns of more than ten. */
const losses = new WeakMap<RheaConnection, { readonly listeners: Set<() => void>; readonly tell: () => void }>();

/** Tells of each time that a connection is lost. @returns what ends that. */
export function whenLost(connection: RheaConnection, listener: () => void): () => void {
  const { listeners, tell } = losses.get(connection) ?? listenTo(connection);
  listeners.add(listener);
  return () => {
    // The client tells its container only what nobody listens to here.
    if (listeners.delete(listener) && listeners.size === 0) {
      connection.removeListener('disconnected', tell);
      losses.delete(connection);
    }
  };
}

function listenTo(connection: RheaConnection): { readonly listeners: Set<() => void>; readonly tell: () => void } {
  const listeners = new Set<() => void>();
  const loss = { listeners, tell: () => [...listeners].forEach((listener) => listener()) };
  losses.set(connection, loss);
  connection.on('disconnected', loss.tell);
  return loss;
}
