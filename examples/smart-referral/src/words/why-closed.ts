import { isMessagingError } from '@fhir-messaging/core';

/** What fhirclient and the sign-in say, by how it begins, in words. */
const reasons: readonly (readonly [says: RegExp, words: string])[] = [
  [/^No '?state/, 'There is no sign-in in this window yet.'],
  [/^access_denied/, 'The sign-in was declined.'],
];

/** Why the app could not be opened, as a sentence. */
export function whyClosed(error: unknown): string {
  if (isMessagingError(error)) {
    return error.code === 'storage.unavailable' ? error.message : `The record could not be read. ${error.message}`;
  }
  const text = error instanceof Error ? error.message : 'Something unexpected happened.';
  return reasons.find(([says]) => says.test(text))?.[1] ?? text;
}
