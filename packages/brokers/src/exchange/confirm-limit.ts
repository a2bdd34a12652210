import { isMessagingError, MessagingError, onAbort } from '@fhir-messaging/core';
import { startTimer } from './start-timer.ts';
import { withResolvers } from './with-resolvers.ts';

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
  const limit = new AbortController();
  let delivery: 'no' | 'unknown' = 'no';
  const { promise: givenUp, reject } = withResolvers<never>();
  const giveUp = (reason: unknown): void => {
    limit.abort(reason);
    reject(reason);
  };
  const timer = startTimer(timeoutMs, () => giveUp(new MessagingError('transport.timeout', `The broker did not confirm within ${timeoutMs} ms.`, { delivery })));
  const leave = onAbort(signal, () => giveUp(signal.reason));
  try {
    await Promise.race([publish(limit.signal, () => (delivery = 'unknown')), givenUp]);
  } catch (cause) {
    signal.throwIfAborted();
    throw isMessagingError(cause) ? cause : new MessagingError('transport.failed', 'The message could not be handed to the broker.', { delivery, cause });
  } finally {
    clearTimeout(timer);
    leave();
  }
}
