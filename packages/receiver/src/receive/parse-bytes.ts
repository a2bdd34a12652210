import type { ReadLimits } from '@fhir-messaging/core';
import type { BundleContent } from '../cache/content-digest.ts';

/** What bytes say, and the bytes, which nobody else changes. */
export interface ParsedBytes {
  readonly content: BundleContent;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Larger messages are left to `readMessage`, where its caller sets no limit. */
const maxBytesByDefault = 10_000_000;

/**
 * Parses a message, so that what is only looked at need not be copied.
 *
 * @param areOwn - whether nobody else changes the bytes, so that they need not be copied either.
 * @returns `undefined` for what is no list of entries, or too large: `readMessage` says what is wrong with it, if anything is.
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

/** The same bytes as a plain view of them, which Node's are not; a copy where other threads have them too. */
function plain(input: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = input;
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : new Uint8Array(input);
}
