import { isMessagingError, MessagingError, untilAborted } from '@fhir-messaging/core';

/**
 * Runs a publishing under a time limit of our own: a broker that lost its queue may never confirm, nor say so.
 *
 * @throws {MessagingError} `transport.timeout`, with `delivery: 'unknown'`, when the time is up; what publishing throws; the signal's own reason.
 */
export async function withConfirmLimit(timeoutMs: number, signal: AbortSignal, publish: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new MessagingError('transport.timeout', `The broker did not confirm within ${timeoutMs} ms.`, { delivery: 'unknown' })), timeoutMs);
  const stop = (): void => limit.abort(signal.reason);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    limit.signal.throwIfAborted();
    await untilAborted(publish(limit.signal), limit.signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw isMessagingError(cause) ? cause : new MessagingError('transport.failed', 'The message could not be handed to the broker.', { delivery: 'unknown', cause });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
