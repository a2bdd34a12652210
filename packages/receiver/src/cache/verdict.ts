import type { CacheKey, CacheRecord, IdentityStrategy, MessageCategory } from '@fhir-messaging/core';

/** The decision on a message that came in, next to those that are known. */
export type Verdict =
  /** The message is to be processed: it is new, or may be processed again. */
  | { readonly kind: 'process' }
  /** The message was, or is being, processed: it gets the answer of the first. */
  | { readonly kind: 'known'; readonly record: CacheRecord }
  /** The message is known, but nobody is processing it any more: whoever takes it over does. */
  | { readonly kind: 'abandoned'; readonly record: CacheRecord }
  /** The message id is known with other content. */
  | { readonly kind: 'other-content' }
  /** The envelope's id is known with another message. */
  | { readonly kind: 'envelope-reused' };

/** The facts that a verdict is based on. */
export interface VerdictOn {
  readonly key: CacheKey;
  readonly digest: string;
  readonly category: MessageCategory;
  readonly strategy: IdentityStrategy;
  /** All records that the cache has under the message's ids. */
  readonly seen: readonly CacheRecord[];
}

/**
 * The receiver's decision table.
 *
 * R4 by `MessageHeader.id` and `Bundle.id`: the same pair is answered as before; a known message in a new envelope is processed again
 * unless that has consequences, and then answered as before; an envelope's id that comes with another message is an error. R5 by
 * `Bundle.identifier`: a known message is answered as before. Without the `Bundle.id` that R4 asks for, transmissions cannot be told apart:
 * only a consequence is then answered as before. A known id never stands for other content. Where the first message came to no outcome before
 * its lease ran out, the resend is processed in its place.
 *
 * @see {@link https://hl7.org/fhir/R4/messaging.html#reliable} Reliable messaging
 */
export function verdictOn({ key, digest, category, strategy, seen }: VerdictOn): Verdict {
  const sameMessage = seen.filter((record) => record.key.message === key.message);
  const sameEnvelope = seen.filter((record) => key.envelope !== undefined && record.key.envelope === key.envelope);
  const isTold = strategy.envelope === undefined || key.envelope !== undefined;

  const pair = sameMessage.find((record) => isTold && record.key.envelope === key.envelope);
  if (pair === undefined && sameEnvelope.length > 0) {
    return { kind: 'envelope-reused' };
  }
  const original = pair ?? sameMessage[0];
  if (original === undefined) {
    return { kind: 'process' };
  }
  if (original.digest !== digest) {
    return { kind: 'other-content' };
  }
  if (pair === undefined && category !== 'consequence') {
    return { kind: 'process' };
  }
  return { kind: original.outcome === undefined && !original.isLeased ? 'abandoned' : 'known', record: original };
}
