import type { Issue } from '../fhir/issue.ts';

/** What a receiver knows a transmission by. */
export interface CacheKey {
  /** Who sent it: ids of one sender say nothing about another's. */
  readonly sender: string;
  /** What names the message. */
  readonly message: string;
  /** What names this transmission of it; `undefined` where transmissions are not told apart, or this one has no name. */
  readonly envelope: string | undefined;
}

/** How the processing of a message ended: what every resend of it is answered with. */
export interface CachedOutcome {
  /** As an HTTP status, whatever the message came by. */
  readonly status: number;
  /** The reply message, to the byte; `undefined` where none was wanted. */
  readonly reply: Uint8Array<ArrayBuffer> | undefined;
  readonly issues: readonly Issue[];
}

/** The right to process a message: nobody else has it while it is held. */
export interface CacheClaim {
  readonly key: CacheKey;
  /** A digest of the message's content, by which a known id with other content is told. */
  readonly digest: string;
  /** Names the claim; no other one ever has this. */
  readonly token: string;
}

/** A transmission that a cache knows. */
export interface CacheRecord extends CacheClaim {
  /** `undefined` while it is being processed. */
  readonly outcome: CachedOutcome | undefined;
}

/**
 * What a receiver remembers of the messages that it processed, so that a resent one is answered and not processed again.
 *
 * The receiver decides what a known id means; the cache only remembers. It keeps a promise of {@link ReliableCache.minutes}, no longer.
 *
 * @see {@link https://hl7.org/fhir/R4/messaging.html#reliable} Reliable messaging
 */
export interface ReliableCache {
  /** How long an outcome is remembered, in minutes: what a CapabilityStatement tells as `messaging.reliableCache`. */
  readonly minutes: number;
  /** Everything that is known of this sender's message id, then of its envelope id; of each the oldest first. */
  lookUp(key: CacheKey): Promise<readonly CacheRecord[]>;
  /**
   * Takes the right to process a message, unless something came in that the decision was not made on.
   *
   * @param seen - what `lookUp` gave for the same key.
   * @returns whether it was taken; where not, look up again.
   */
  claim(claim: CacheClaim, seen: readonly CacheRecord[]): Promise<boolean>;
  /** Remembers the outcome of a claimed message. */
  complete(claim: CacheClaim, outcome: CachedOutcome): Promise<void>;
  /** Forgets a claim whose processing came to nothing, so that a resend is processed. */
  release(claim: CacheClaim): Promise<void>;
}
