import type { CacheClaim, CachedOutcome, CacheKey, CacheRecord, Custody, CustodyRecord, ReliableCache } from '@fhir-messaging/core';
import { requireNumbers } from '../require-numbers.ts';
import { memoryRecords } from './memory-records.ts';
import type { Kept } from './memory-records.ts';

/** How much a {@link memoryCache} remembers, and for how long. */
export interface MemoryCacheOptions {
  /** The most outcomes; past it the oldest is forgotten before its time. Messages that are still processed do not count. @defaultValue 10_000 */
  readonly maxEntries?: number | undefined;
  /** How long an outcome is remembered, in minutes; `Infinity` for as long as `maxEntries` lets it. @defaultValue 60 */
  readonly ttlMinutes?: number | undefined;
  /** How long a claim holds without being renewed, in milliseconds. @defaultValue 30_000 */
  readonly leaseMs?: number | undefined;
  /** The time in milliseconds; for tests. */
  readonly now?: (() => number) | undefined;
}

/**
 * A reliable cache in the memory of one process: its promise ends with the process.
 *
 * @throws {TypeError} when an option is no number above 0, or `leaseMs` is infinite.
 * @example createReceiver({ source, cache: memoryCache({ ttlMinutes: 24 * 60 }) })
 */
export function memoryCache(options: MemoryCacheOptions = {}): ReliableCache {
  const { maxEntries = 10_000, ttlMinutes = 60, leaseMs = 30_000, now = Date.now } = options;
  requireNumbers('memoryCache', 'above 0', { maxEntries, ttlMinutes });
  requireNumbers('memoryCache', 'finite, and above 0', { leaseMs });
  const records = memoryRecords({ maxEntries, ttlMs: ttlMinutes * 60_000, now });

  const recordOf = ({ claim, outcome, leasedUntil }: Kept): CacheRecord => ({ ...claim, outcome, isLeased: leasedUntil > now() });
  const lookUp = (key: CacheKey): readonly CacheRecord[] => records.of(key).map(recordOf);
  const heldBy = ({ token, fence }: CacheClaim): Kept | undefined => {
    const kept = records.get(token);
    return kept?.claim.fence === fence ? kept : undefined;
  };
  const lease = (kept: Kept): void => {
    kept.leasedUntil = now() + leaseMs;
  };
  const commit = (claim: CacheClaim, outcome: CachedOutcome): boolean => {
    const kept = heldBy(claim);
    if (kept === undefined || kept.outcome !== undefined) {
      return false;
    }
    kept.outcome = outcome;
    lease(kept);
    records.settle(kept);
    return true;
  };

  return Object.freeze<ReliableCache>({
    minutes: ttlMinutes,
    leaseMs,
    isDurable: false,
    lookUp: (key) => Promise.resolve(lookUp(key)),
    claim(claim, seen, custody) {
      const decidedOn = new Set(seen.map(({ token }) => token));
      if (lookUp(claim.key).some(({ token }) => !decidedOn.has(token))) {
        return Promise.resolve(false);
      }
      records.add({ claim, outcome: undefined, leasedUntil: now() + leaseMs, custody, custodyUntil: now() + (custody?.expiresAfterMs ?? 0) });
      return Promise.resolve(true);
    },
    takeOver(record) {
      const kept = heldBy(record);
      if (kept === undefined || kept.leasedUntil > now() || (kept.outcome !== undefined && kept.custody === undefined)) {
        return Promise.resolve(undefined);
      }
      kept.claim = { ...kept.claim, fence: record.fence + 1 };
      lease(kept);
      return Promise.resolve(kept.claim);
    },
    renew(claim) {
      const kept = heldBy(claim);
      if (kept !== undefined) {
        lease(kept);
      }
      return Promise.resolve(kept !== undefined);
    },
    begin: (claim) => ({
      transaction: undefined,
      commit: (outcome) => Promise.resolve(commit(claim, outcome)),
      rollback: () => Promise.resolve(),
    }),
    release(claim) {
      const kept = heldBy(claim);
      if (kept?.custody !== undefined) {
        kept.leasedUntil = now();
      } else if (kept !== undefined && kept.outcome === undefined) {
        records.forget(claim.token);
      }
      return Promise.resolve();
    },
    unfinished() {
      const time = now();
      const left = records.inCustody().filter(({ leasedUntil }) => leasedUntil <= time);
      left.sort((a, b) => a.leasedUntil - b.leasedUntil);
      const custodyRecord = (kept: Kept, custody: Custody): CustodyRecord => ({
        ...recordOf(kept),
        custody: { ...custody, expiresAfterMs: kept.custodyUntil - time },
      });
      return Promise.resolve(left.slice(0, 100).flatMap((kept) => (kept.custody ? custodyRecord(kept, kept.custody) : [])));
    },
    delivered(claim) {
      const kept = heldBy(claim);
      if (kept !== undefined) {
        records.endCustody(kept);
      }
      return Promise.resolve(kept !== undefined);
    },
  });
}
