import type { Source } from '@fhir-messaging/core';

/** The address in a source; `undefined` where it has none. */
export function addressOf(source: Source): string | undefined {
  const { endpoint, endpointUrl } = typeof source === 'string' ? { endpoint: source } : source;
  return endpoint || endpointUrl || undefined;
}

/** Refuses, at once, a source that says nothing. @throws {TypeError} where it is neither an address nor an element with a member. */
export function requireSource(source: unknown): asserts source is Source {
  const members: readonly unknown[] = typeof source === 'object' && source !== null ? Object.values(source) : [source];
  if (!members.some(saysSomething)) {
    throw new TypeError('createReceiver: a source is missing: an address, or an element that says something.');
  }
}

/** FHIR's elements and texts: an element of a source is one or the other. */
function saysSomething(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || (typeof value === 'object' && value !== null);
}
