import type { Issue } from '../fhir/issue.ts';

/** The names by which a receiver knows a transmission. */
export interface CacheKey {
  /** Who sent it: ids of one sender say nothing about another's. */
  readonly sender: string;
  /** What names the message. */
  readonly message: string;
  /** What names this transmission of it; `undefined` where transmissions are not told apart, or this one has no name. */
  readonly envelope: string | undefined;
}

/** The outcome of processing a message: the answer to every resend of it. */
export interface CachedOutcome {
  /** An HTTP status, whatever transport the message came by. */
  readonly status: number;
  /** The reply message, to the byte; `undefined` where none was wanted. */
  readonly reply: Uint8Array<ArrayBuffer> | undefined;
  readonly issues: readonly Issue[];
}

/** The right to process a message, or to deliver its reply: nobody else has it while its lease runs. */
export interface CacheClaim {
  readonly key: CacheKey;
  /** A digest of the message's content, which tells when a known id comes with other content. */
  readonly digest: string;
  /** Names the record, and no other one ever. */
  readonly token: string;
  /** Fencing token: 1 at first, more each time the record is taken over. A call under an older one is refused. */
  readonly fence: number;
}

/** A transmission that a cache knows. */
export interface CacheRecord extends CacheClaim {
  /** Whether somebody's lease on it runs, by the cache's own clock. */
  readonly isLeased: boolean;
  /** `undefined` until it is processed. */
  readonly outcome: CachedOutcome | undefined;
}

/** A message that was accepted before it is processed: what it takes to process it, and to deliver its reply, in another process too. */
export interface Custody {
  /** The message as it came. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where its reply goes. */
  readonly replyTo: string;
  /** Who sent it, as authenticated. */
  readonly sender: string | undefined;
  /** How long from now on it is worth processing and answering. */
  readonly expiresAfterMs: number;
}

/** A message in custody that is not processed, or whose reply is not delivered. */
export interface CustodyRecord extends CacheRecord {
  readonly custody: Custody;
}

/** One run of a handler: what it does in its transaction, and its outcome, are stored together or not at all. */
export interface CacheWork<TTransaction> {
  /** What the handler gets as `transaction`; takes nothing of the database until it is used. */
  readonly transaction: TTransaction;
  /**
   * Stores the outcome with what was done in the transaction. The lease goes on where a reply is to be delivered.
   *
   * A commit that fails undoes the transaction and gives the claim up, so that a resend is processed: after the lease, where the database is not
   * there to give it up. The handler then repeats what it did elsewhere.
   *
   * @returns whether the outcome was stored; `false`, with nothing stored, where another took the claim over.
   */
  commit(outcome: CachedOutcome): Promise<boolean>;
  /** Undoes what was done in the transaction. The claim stays. */
  rollback(): Promise<void>;
}

/**
 * A receiver's memory of the messages that it processed, so that a resent one is answered and not processed again.
 *
 * The receiver decides what a known id means; the cache only remembers. It keeps a promise of {@link ReliableCache.minutes}, no longer. All
 * times are by its own clock: the database's, where there is one. The holder of a claim renews it in time. Anybody may take over a claim that was
 * not renewed for {@link ReliableCache.leaseMs}; the fencing token keeps its former holder from storing anything.
 *
 * @template TTransaction - what a handler commits its effect through, together with its outcome.
 * @see {@link https://hl7.org/fhir/R4/messaging.html#reliable} Reliable messaging
 */
export interface ReliableCache<TTransaction = undefined> {
  /** How long an outcome is remembered, in minutes: what a CapabilityStatement tells as `messaging.reliableCache`. */
  readonly minutes: number;
  /** How long a claim holds that is not renewed. */
  readonly leaseMs: number;
  /** Whether it outlives its process; one that does not should have no custody of a message. */
  readonly isDurable: boolean;
  /** Everything that is known of this sender's message id, then of its envelope id; of each the oldest first. */
  lookUp(key: CacheKey): Promise<readonly CacheRecord[]>;
  /**
   * Takes the right to process a message, unless a record came in that the decision did not know.
   *
   * @param claim - its fence is 1.
   * @param seen - what `lookUp` gave for the same key.
   * @param custody - given for a message that is accepted before it is processed; stored with the claim.
   * @returns whether it was taken; where not, look up again.
   */
  claim(claim: CacheClaim, seen: readonly CacheRecord[], custody?: Custody): Promise<boolean>;
  /**
   * Takes the right to what another left undone, once its lease has run out: to process a message, or to deliver the reply of one in custody.
   *
   * @returns the claim under its new fence; `undefined` where it is leased, done, or somebody else was faster.
   */
  takeOver(record: CacheRecord): Promise<CacheClaim | undefined>;
  /** Lets the lease begin anew. @returns whether the claim is still held. */
  renew(claim: CacheClaim): Promise<boolean>;
  /** Begins the work on a claimed message. */
  begin(claim: CacheClaim): CacheWork<TTransaction>;
  /** Gives a claim up: a message without an outcome is forgotten, so that a resend is processed; one in custody may be taken over at once. */
  release(claim: CacheClaim): Promise<void>;
  /**
   * Messages in custody that nobody holds a lease on, expired or not (`expiresAfterMs` is then 0 or less): of those, somebody is still to be told.
   * A cache may forget those that nobody takes up for {@link ReliableCache.minutes} more. Those left longest come first, at most 100 at a time.
   */
  unfinished(): Promise<readonly CustodyRecord[]>;
  /** Ends the custody of a message: its reply is delivered, or none goes out. @returns whether the claim was still held. */
  delivered(claim: CacheClaim): Promise<boolean>;
}
