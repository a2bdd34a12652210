import type { Message } from '@fhir-messaging/core';
import { canonicalJson } from './canonical-json.ts';

/**
 * A digest of what a message says: SHA-256 over its JSON, members in one order, without what a resend or an intermediary may change:
 * `Bundle.id`, `Bundle.meta`, `MessageHeader.meta`, `MessageHeader.destination`.
 */
export async function contentDigest({ bundle }: Message): Promise<string> {
  const [first, ...rest] = bundle.entry ?? [];
  const header = { ...first?.resource, meta: undefined, destination: undefined };
  const content = { ...bundle, id: undefined, meta: undefined, entry: [{ ...first, resource: header }, ...rest] };
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonicalJson(content)));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
