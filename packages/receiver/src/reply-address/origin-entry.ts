import { tell } from '@fhir-messaging/core';
import type { ReplyTo } from './reply-to.ts';

/** How an entry begins that means every host below a domain. */
const anyHost = 'https://*.';

/** An entry of a list of origins. */
export interface OriginEntry {
  readonly origin: string;
  /** Whether it means every host below the origin's, and not the origin itself. */
  readonly isBelow: boolean;
}

/** Reads an entry of a list of origins; `undefined` where it is not exactly an origin: a path, a user or a bare name would mean something else than it says. */
export function readOriginEntry(entry: string): OriginEntry | undefined {
  const isBelow = entry.startsWith(anyHost);
  const text = isBelow ? `https://${entry.slice(anyHost.length)}` : entry;
  if (!URL.canParse(text)) {
    return undefined;
  }
  const { protocol, username, password, hostname, pathname, search, hash, origin } = new URL(text);
  const isOrigin = /^https?:$/.test(protocol) && !hostname.includes('*') && pathname === '/' && [username, password, search, hash].every((part) => part === '');
  return isOrigin ? { origin, isBelow } : undefined;
}

/** The application's `origins`; `onError` is told once of each entry that is none, which allows nothing. */
export function checkedOrigins(replyTo: ReplyTo, onError: ((error: unknown) => void) | undefined): ReplyTo['origins'] {
  const told = new Set<string>();
  return async (sender) => {
    const entries = await replyTo.origins(sender);
    for (const [index, entry] of entries.entries()) {
      if (readOriginEntry(entry) === undefined && !told.has(entry)) {
        told.add(entry);
        // Not the entry itself, which may hold a password.
        tell([onError], new TypeError(`replyTo.origins: entry ${index + 1} of a list is no origin, such as https://app.example.org, and allows nothing.`));
      }
    }
    return entries;
  };
}
