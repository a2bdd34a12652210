import { MessagingError } from '@fhir-messaging/core';

/**
 * Refuses a message that is too large for the broker, before anything is sent.
 *
 * @throws {MessagingError} `input.limit`, with the size and the limit; `delivery: 'no'`.
 */
export function requireWithinLimit(sizeBytes: number, limitBytes: number): void {
  if (sizeBytes > limitBytes) {
    throw new MessagingError('input.limit', `The message has ${sizeBytes} bytes; at most ${limitBytes} go through this broker: nothing was sent.`, { delivery: 'no' });
  }
}
