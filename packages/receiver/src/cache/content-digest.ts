import { canonicalText } from './canonical-text.ts';
import { sha256 } from './sha-256.ts';

/** A message's Bundle: frozen, or as it was parsed. */
export interface BundleContent {
  readonly entry?: readonly { readonly resource?: object }[];
}

/**
 * A digest of what a message says: SHA-256 over its JSON, members in one order, without what a resend or an intermediary may change:
 * `Bundle.id`, `Bundle.meta`, `MessageHeader.meta`, `MessageHeader.destination`.
 */
export function contentDigest(bundle: BundleContent): string | Promise<string> {
  const [first, ...rest] = bundle.entry ?? [];
  // Excluded members are set to null, not removed: with the member or without it, the digest is the same.
  const header = { ...first?.resource, meta: null, destination: null };
  return sha256(canonicalText({ ...bundle, id: null, meta: null, entry: [{ ...first, resource: header }, ...rest] }));
}
