import { MessagingError } from '@fhir-messaging/core';

const needed = 'AbortController Headers Request Response TextDecoder crypto fetch setTimeout clearTimeout'.split(' ');

/**
 * Refuses a runtime without the web's globals before anything is done in it.
 *
 * @throws {MessagingError} `platform.unsupported`, with the names of the missing globals.
 */
export function requirePlatform(): void {
  const missing = needed.filter((name) => !(name in globalThis));
  if (missing[0]) {
    throw new MessagingError('platform.unsupported', `This runtime has no ${missing.join(', ')}: hand these in.`);
  }
}
