import { MessagingError } from '@fhir-messaging/core';
import type { SmartClient } from './smart-client.ts';

/** The origins that a client's token may go to: its own server's, and those that the app names. */
export function tokenOrigins({ state }: SmartClient, allowTokenTo: readonly string[] = []): ReadonlySet<string> {
  return new Set([state.serverUrl, ...allowTokenTo].map((url) => new URL(url).origin));
}

/** Holds a URL against them. @throws {MessagingError} `address.refused`, delivery `no`, where the token may not go. */
export function requireTokenOrigin(url: string, origins: ReadonlySet<string>): void {
  const { origin } = new URL(url);
  if (!origins.has(origin)) {
    throw new MessagingError('address.refused', `${origin} is another origin than the client's, and allowTokenTo does not name it: no token goes there.`, { delivery: 'no' });
  }
}
