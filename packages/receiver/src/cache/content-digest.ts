import type { Message } from '@fhir-messaging/core';
import { canonicalJson } from './canonical-json.ts';
import { sha256 } from './sha-256.ts';

/**
 * A digest of what a message says: SHA-256 over its JSON, members in one order, without what a resend or an intermediary may change:
 * `Bundle.id`, `Bundle.meta`, `MessageHeader.meta`, `MessageHeader.destination`.
 */
export function contentDigest({ bundle }: Message): string | Promise<string> {
  const [first, ...rest] = bundle.entry ?? [];
  const header = { ...first?.resource, meta: undefined, destination: undefined };
  const content = { ...bundle, id: undefined, meta: undefined, entry: [{ ...first, resource: header }, ...rest] };
  return sha256(canonicalJson(content));
}
