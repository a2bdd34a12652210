import type { ReadLimits } from '@fhir-messaging/core';
import type { BundleContent } from '../cache/content-digest.ts';

/** The parsed bytes, and the bytes themselves, which nobody else changes. */
export interface ParsedBytes {
  readonly content: BundleContent;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Larger messages are left to `readMessage`, where its caller sets no limit. */
const maxBytesByDefault = 10_000_000;

/**
 * Parses a message, so that content which is only looked at need not be copied.
 *
 * @param areOwn - whether nobody else changes the bytes, so that they need not be copied either.
 * @returns `undefined` for bytes without a list of entries, or too many: `readMessage` says what is wrong with them, if anything is.
 */
export function parseBytes(input: Uint8Array, areOwn = false, { maxBytes = maxBytesByDefault }: ReadLimits = {}): ParsedBytes | undefined {
  if (input.byteLength > maxBytes) {
    return undefined;
  }
  try {
    const content: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(input));
    return hasEntries(content) ? { content, bytes: areOwn ? plain(input) : new Uint8Array(input) } : undefined;
  } catch {
    return undefined;
  }
}

function hasEntries(content: unknown): content is BundleContent {
  return typeof content === 'object' && content !== null && 'entry' in content && Array.isArray(content.entry);
}

/** The same bytes as a plain Uint8Array, which Node's Buffer is not; a copy where other threads share them. */
function plain(input: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = input;
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : new Uint8Array(input);
}
