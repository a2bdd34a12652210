import { MessagingError } from '@fhir-messaging/core';
import type { SmartClient } from './smart-client.ts';

/** Holds a URL against the origins that a client's token may go to: its own server's, and those that the app names. @throws {MessagingError} `address.refused` */
export function requireTokenOrigin(url: string, { state }: SmartClient, allowTokenTo: readonly string[] = []): void {
  const { origin } = new URL(url);
  // What is no URL is read as a path of the client's own server, which its token may go to anyway.
  if (![state.serverUrl, ...allowTokenTo].some((allowed) => new URL(allowed, state.serverUrl).origin === origin)) {
    throw new MessagingError('address.refused', `No token goes to ${origin}: allowTokenTo does not list it.`, { delivery: 'no' });
  }
}
