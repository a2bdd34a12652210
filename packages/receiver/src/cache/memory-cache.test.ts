import type { CacheClaim, CachedOutcome, ReliableCache } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { memoryCache } from './memory-cache.ts';
import type { MemoryCacheOptions } from './memory-cache.ts';

// What every cache does is in test/storage/reliable-cache-contract.ts; here is what only this one does.

const claimOf = (token: string): CacheClaim => ({ key: { sender: 's', message: token, envelope: undefined }, digest: 'd', token, fence: 1 });
const outcome: CachedOutcome = { status: 200, reply: new Uint8Array([1]), issues: [] };

function cacheAt(options: MemoryCacheOptions = {}): { cache: ReliableCache; pass: (minutes: number) => void } {
  let time = 0;
  return {
    cache: memoryCache({ now: () => time, ...options }),
    pass: (minutes) => {
      time += minutes * 60_000;
    },
  };
}

async function remember(cache: ReliableCache, token: string): Promise<void> {
  await cache.claim(claimOf(token), []);
  await cache.begin(claimOf(token)).commit(outcome);
}

const tokens = async (cache: ReliableCache, of: string): Promise<string[]> => (await cache.lookUp(claimOf(of).key)).map(({ token }) => token);

describe('memoryCache', () => {
  it('remembers an outcome as long as it says, from when it was complete: an hour', async () => {
    const { cache, pass } = cacheAt();
    await cache.claim(claimOf('t'), []);
    pass(50);
    await cache.begin(claimOf('t')).commit(outcome);

    expect(cache.minutes).toBe(60);
    pass(59.9);
    expect(await tokens(cache, 't')).toEqual(['t']);
    pass(0.1);
    expect(await tokens(cache, 't')).toEqual([]);
  });

  it('does not forget what still runs', async () => {
    const { cache, pass } = cacheAt({ ttlMinutes: 1, maxEntries: 1 });
    await cache.claim(claimOf('running'), []);
    pass(1000);
    await remember(cache, 'done');

    expect(await tokens(cache, 'running')).toEqual(['running']);
  });

  it('past its size forgets the oldest outcomes first', async () => {
    const { cache } = cacheAt({ maxEntries: 2 });
    for (const token of ['t1', 't2', 't3']) await remember(cache, token);

    expect(await Promise.all(['t1', 't2', 't3'].map((token) => tokens(cache, token)))).toEqual([[], ['t2'], ['t3']]);
  });

  it('whatever runs takes no room from what is done', async () => {
    const { cache } = cacheAt({ maxEntries: 1 });
    for (const token of ['running', 'running too']) await cache.claim(claimOf(token), []);
    await remember(cache, 'done');

    expect(await tokens(cache, 'done')).toEqual(['done']);
  });

  it('is volatile, and may be told how long it remembers and leases: an hour and 30 seconds otherwise', () => {
    expect(memoryCache()).toMatchObject({ isDurable: false, minutes: 60, leaseMs: 30_000 });
    expect(memoryCache({ ttlMinutes: 5, leaseMs: 1000 })).toMatchObject({ minutes: 5, leaseMs: 1000 });
  });

  it('keeps what is in custody until its reply is delivered, and counts its time from there', async () => {
    const { cache, pass } = cacheAt({ ttlMinutes: 1 });
    await cache.claim(claimOf('t'), [], { bytes: new Uint8Array([1]), replyTo: 'https://app.example.org', sender: 's', expiresAfterMs: 3_600_000 });
    await cache.begin(claimOf('t')).commit(outcome);
    pass(30);
    expect(await tokens(cache, 't')).toEqual(['t']);
    await cache.delivered(claimOf('t'));
    pass(0.9);
    expect(await tokens(cache, 't')).toEqual(['t']);
    pass(0.1);
    expect(await tokens(cache, 't')).toEqual([]);
  });

  it('forgets what expired in custody, unless somebody is at it', async () => {
    const { cache, pass } = cacheAt({ ttlMinutes: 1, leaseMs: 120_000 });
    await cache.claim(claimOf('t'), [], { bytes: new Uint8Array([1]), replyTo: 'https://app.example.org', sender: 's', expiresAfterMs: 60_000 });
    pass(1);
    await cache.unfinished();
    expect(await tokens(cache, 't')).toEqual(['t']);
  });

  it('remembers without an end where ttlMinutes is Infinity', async () => {
    const { cache, pass } = cacheAt({ ttlMinutes: Infinity });
    await remember(cache, 't');
    pass(1_000_000);

    expect(await tokens(cache, 't')).toEqual(['t']);
  });

  it.each([{ ttlMinutes: 0 }, { ttlMinutes: NaN }, { leaseMs: 0 }, { leaseMs: 'x' }, { maxEntries: 0 }, { maxEntries: NaN }])('is not made with %j, which is no limit', (options) => {
    expect(() => memoryCache(Object(options))).toThrow(TypeError);
  });
});
