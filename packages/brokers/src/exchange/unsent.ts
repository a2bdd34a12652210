import { isMessagingError, MessagingError } from '@fhir-messaging/core';

/**
 * Asks the application of a message before anything is sent.
 *
 * @throws {MessagingError} with `delivery: 'no'`: the application's own, by its code and issues; for any other error `transport.failed`, with that as its cause.
 */
export async function unsent<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw isMessagingError(cause)
      ? new MessagingError(cause.code, cause.message, { issues: cause.issues, cause: cause.cause, delivery: 'no' })
      : new MessagingError('transport.failed', 'What to send with the message, or where to, could not be had: nothing was sent.', { delivery: 'no', cause });
  }
}
