import type { CacheKey, CacheRecord, ReliableCache } from '@fhir-messaging/core';

/** How much a {@link memoryCache} remembers, and for how long. */
export interface MemoryCacheOptions {
  /** Messages; past it the oldest outcome is forgotten before its time. @defaultValue 10_000 */
  readonly maxEntries?: number | undefined;
  /** How long an outcome is remembered, in minutes. @defaultValue 60 */
  readonly ttlMinutes?: number | undefined;
  /** The time in milliseconds; for tests. */
  readonly now?: (() => number) | undefined;
}

/**
 * A reliable cache in the memory of one process: its promise ends with the process.
 *
 * @example createReceiver({ source, cache: memoryCache({ ttlMinutes: 24 * 60 }) })
 */
export function memoryCache(options: MemoryCacheOptions = {}): ReliableCache {
  const { maxEntries = 10_000, ttlMinutes = 60, now = Date.now } = options;
  const records = new Map<string, CacheRecord>();
  /** When each outcome is forgotten; the first of them first. */
  const expiries = new Map<string, number>();
  /** The tokens of the records that have an id, the oldest first. */
  const tokensById = new Map<string, Set<string>>();

  const forget = (token: string): void => {
    const record = records.get(token);
    records.delete(token);
    expiries.delete(token);
    for (const id of record === undefined ? [] : idsOf(record.key)) {
      const tokens = tokensById.get(id);
      tokens?.delete(token);
      if (tokens?.size === 0) {
        tokensById.delete(id);
      }
    }
  };
  const makeRoom = (): void => {
    const time = now();
    for (const [token, expiry] of expiries) {
      if (expiry > time && records.size <= maxEntries) {
        return;
      }
      forget(token);
    }
  };
  const known = (key: CacheKey): readonly CacheRecord[] => {
    makeRoom();
    const tokens = new Set(idsOf(key).flatMap((id) => [...(tokensById.get(id) ?? [])]));
    return [...tokens].flatMap((token) => records.get(token) ?? []);
  };

  return Object.freeze<ReliableCache>({
    minutes: ttlMinutes,
    lookUp: (key) => Promise.resolve(known(key)),
    claim(claim, seen) {
      const decidedOn = new Set(seen.map(({ token }) => token));
      if (known(claim.key).some(({ token }) => !decidedOn.has(token))) {
        return Promise.resolve(false);
      }
      records.set(claim.token, { ...claim, outcome: undefined });
      for (const id of idsOf(claim.key)) {
        tokensById.set(id, (tokensById.get(id) ?? new Set()).add(claim.token));
      }
      return Promise.resolve(true);
    },
    complete(claim, outcome) {
      records.set(claim.token, { ...claim, outcome });
      expiries.set(claim.token, now() + ttlMinutes * 60_000);
      makeRoom();
      return Promise.resolve();
    },
    release({ token }) {
      forget(token);
      return Promise.resolve();
    },
  });
}

function idsOf({ sender, message, envelope }: CacheKey): readonly string[] {
  const byMessage = JSON.stringify([sender, 'message', message]);
  return envelope === undefined ? [byMessage] : [byMessage, JSON.stringify([sender, 'envelope', envelope])];
}
