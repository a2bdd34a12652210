import { MessagingError } from '@fhir-messaging/core';

/**
 * Refuses a Node older than 22.22, on which the client loads, and fails at its first call.
 *
 * @throws {MessagingError} `platform.unsupported`.
 */
export function requirePlatform(): void {
  if (!('withResolvers' in Promise)) {
    throw new MessagingError('platform.unsupported', "Kafka's client needs Node 22.22 or newer.", { delivery: 'no' });
  }
}
