import { bytesIn } from '@fhir-messaging/core';

/** The bytes that a client handed over, not copied; text in UTF-8; any other value as JSON. */
export function bytesOf(value: unknown): Uint8Array {
  return bytesIn(value) ?? new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value ?? null));
}
