import type { CacheClaim, CachedOutcome, CacheKey, Custody } from '@fhir-messaging/core';

/** The record of one transmission. */
export interface Kept {
  claim: CacheClaim;
  outcome: CachedOutcome | undefined;
  /** By the cache's clock, in milliseconds. */
  leasedUntil: number;
  custody: Custody | undefined;
  readonly custodyUntil: number;
}

/** Records by their tokens and by their ids: outcomes up to a number and an age, unfinished records for as long as they take. */
export interface MemoryRecords {
  get(token: string): Kept | undefined;
  /** The records of the message id, then those of the envelope id. */
  of(key: CacheKey): readonly Kept[];
  add(kept: Kept): void;
  /** Starts the time after which an outcome is forgotten, unless its message is still in custody. */
  settle(kept: Kept): void;
  forget(token: string): void;
  inCustody(): readonly Kept[];
  endCustody(kept: Kept): void;
}

/** Records in memory. */
export function memoryRecords({ maxEntries, ttlMs, now }: { maxEntries: number; ttlMs: number; now: () => number }): MemoryRecords {
  const byToken = new Map<string, Kept>();
  /** The time at which each outcome is forgotten, the earliest first. */
  const expiries = new Map<string, number>();
  /** The tokens of the records that have an id, the oldest first. */
  const tokensById = new Map<string, Set<string>>();
  const custodial = new Set<Kept>();

  const forget = (token: string): void => {
    const kept = byToken.get(token);
    byToken.delete(token);
    expiries.delete(token);
    for (const id of kept === undefined ? [] : idsOf(kept.claim.key)) {
      const tokens = tokensById.get(id);
      tokens?.delete(token);
      if (tokens?.size === 0) {
        tokensById.delete(id);
      }
    }
  };
  // The iterator is kept: a new one would step over every entry that was deleted from the front of the Map.
  let queue = expiries.keys();
  let oldest: string | undefined;
  const makeRoom = (): void => {
    const time = now();
    for (;;) {
      oldest ??= queue.next().value;
      if (oldest === undefined) {
        queue = expiries.keys();
        return;
      }
      const expiry = expiries.get(oldest);
      if (expiry !== undefined && expiry > time && expiries.size <= maxEntries) {
        return;
      }
      if (expiry !== undefined) {
        forget(oldest);
      }
      oldest = undefined;
    }
  };
  const settle = ({ claim, outcome, custody }: Kept): void => {
    if (outcome !== undefined && custody === undefined) {
      expiries.set(claim.token, now() + ttlMs);
      makeRoom();
    }
  };
  const endCustody = (kept: Kept): void => {
    kept.custody = undefined;
    custodial.delete(kept);
    settle(kept);
  };

  return {
    get: (token) => byToken.get(token),
    of(key) {
      makeRoom();
      const tokens = new Set(idsOf(key).flatMap((id) => [...(tokensById.get(id) ?? [])]));
      return [...tokens].flatMap((token) => byToken.get(token) ?? []);
    },
    add(kept) {
      const { token, key } = kept.claim;
      byToken.set(token, kept);
      for (const id of idsOf(key)) {
        tokensById.set(id, (tokensById.get(id) ?? new Set()).add(token));
      }
      if (kept.custody !== undefined) {
        custodial.add(kept);
      }
    },
    settle,
    forget,
    inCustody: () => [...custodial],
    endCustody,
  };
}

/** The ids of a key as text. The length before the sender tells where the sender ends. */
function idsOf({ sender, message, envelope }: CacheKey): readonly string[] {
  const within = `${sender.length}.${sender}`;
  const byMessage = `message ${within}${message}`;
  return envelope === undefined ? [byMessage] : [byMessage, `envelope ${within}${envelope}`];
}
