import type { Source } from '@fhir-messaging/core';

/** The address in a source; `undefined` where it has none. */
export function addressOf(source: Source): string | undefined {
  const { endpoint, endpointUrl } = typeof source === 'string' ? { endpoint: source } : source;
  return endpoint || endpointUrl || undefined;
}

/** Refuses, at once, a source by which nobody is told who replies. @throws {TypeError} without an address or a name. */
export function requireSource(source: unknown): asserts source is Source {
  const isSource = isText(source) || (typeof source === 'object' && source !== null && [Reflect.get(source, 'endpoint'), Reflect.get(source, 'endpointUrl'), Reflect.get(source, 'name')].some(isText));
  if (!isSource) {
    throw new TypeError('createReceiver: a source is missing: an address, or an element with an endpoint or a name.');
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
