import { isMessagingError, MessagingError } from '@fhir-messaging/core';
import { withTimeLimit } from './time-limit.ts';

/** A publishing: it gets a signal, and calls `mayHaveArrived` just before the broker may have the message. */
export type Publishing = (signal: AbortSignal, mayHaveArrived: () => void) => Promise<void>;

/**
 * Runs a publishing under a time limit of our own: a broker that lost its queue may never confirm, nor say so.
 *
 * @throws {MessagingError} `transport.timeout` when the time is up; the publishing's own error, as `transport.failed` where that is no MessagingError;
 * both with `delivery: 'no'` where nothing had been sent by then. The signal's own reason.
 */
export async function withConfirmLimit(timeoutMs: number, signal: AbortSignal, publish: Publishing): Promise<void> {
  signal.throwIfAborted();
  let delivery: 'no' | 'unknown' = 'no';
  const timeUp = (): MessagingError => new MessagingError('transport.timeout', `The broker did not confirm within ${timeoutMs} ms.`, { delivery });
  try {
    await withTimeLimit(timeoutMs, signal, timeUp, (limited) => publish(limited, () => (delivery = 'unknown')));
  } catch (cause) {
    signal.throwIfAborted();
    throw isMessagingError(cause) ? cause : new MessagingError('transport.failed', 'The message could not be handed to the broker.', { delivery, cause });
  }
}
