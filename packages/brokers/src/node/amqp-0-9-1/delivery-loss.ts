import { MessagingError } from '@fhir-messaging/core';
import type { RabbitConnection } from './rabbit-connection.ts';

/** The loss of deliveries with their channel: they can be neither acknowledged nor given back any more, and the broker hands them over again. */
export interface DeliveryLoss {
  /** Aborts when deliveries that are handed over now are lost. */
  readonly signal: AbortSignal;
  /** Hears of what the consumer fails at: all that was handed over so far is lost, but where the broker ended the consumer alone, whose channel stays. */
  consumerFailed(error: unknown): void;
  /** Hears of the connection no more. */
  stop(): void;
}

/**
 * The loss of deliveries with their connection, told when there is a new one.
 *
 * The client consumes nothing from the new connection before it has an answer for each message of the old one, although it cannot give those to the
 * broker: one handler that hangs, or one message that waits for its next attempt, would stop all.
 */
export function deliveryLoss(connection: RabbitConnection): DeliveryLoss {
  let current = new AbortController();
  const lose = (): void => {
    const before = current;
    current = new AbortController();
    before.abort(new MessagingError('transport.failed', 'The connection was lost before a message was acknowledged: it is handed over again.'));
  };
  const stop = whenConnected(connection, lose);
  return {
    get signal() {
      return current.signal;
    },
    consumerFailed(error) {
      if (!isCancelled(error)) lose();
    },
    stop,
  };
}

/** The broker ended the consumer, since its queue was deleted or has moved: what was handed over can still be acknowledged, or given back. */
function isCancelled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'CANCEL_FORCED';
}

const listeners = new WeakMap<RabbitConnection, Set<() => void>>();

/** One listener for each connection, however many consume from it: Node warns of more than ten. */
function whenConnected(connection: RabbitConnection, listener: () => void): () => void {
  const known = listeners.get(connection);
  const all = known ?? new Set();
  all.add(listener);
  if (known === undefined) {
    listeners.set(connection, all);
    connection.on('connection', () => all.forEach((tell) => tell()));
  }
  return () => void all.delete(listener);
}
