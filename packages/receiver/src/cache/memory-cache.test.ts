import type { CacheClaim, CachedOutcome, CacheKey, ReliableCache } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { memoryCache } from './memory-cache.ts';
import type { MemoryCacheOptions } from './memory-cache.ts';

const key = (message: string, envelope?: string, sender = 's'): CacheKey => ({ sender, message, envelope });
const claimOf = (token: string, of: CacheKey = key(token)): CacheClaim => ({ key: of, digest: 'd', token });
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

async function remember(cache: ReliableCache, token: string, of?: CacheKey): Promise<void> {
  const claim = claimOf(token, of);
  await cache.claim(claim, await cache.lookUp(claim.key));
  await cache.complete(claim, outcome);
}

const tokens = async (cache: ReliableCache, of: CacheKey): Promise<string[]> => (await cache.lookUp(of)).map(({ token }) => token);

describe('memoryCache', () => {
  it('knows a claim while it runs, and its outcome when it is complete', async () => {
    const { cache } = cacheAt();
    const claim = claimOf('t', key('m', 'e'));

    expect(await cache.claim(claim, [])).toBe(true);
    expect(await cache.lookUp(claim.key)).toEqual([{ ...claim, outcome: undefined }]);
    await cache.complete(claim, outcome);
    expect(await cache.lookUp(claim.key)).toEqual([{ ...claim, outcome }]);
  });

  it('finds by the message id, and by the envelope id, of the same sender only', async () => {
    const { cache } = cacheAt();
    await remember(cache, 't1', key('m1', 'e1'));
    await remember(cache, 't2', key('m1', 'e2'));
    await remember(cache, 't3', key('m2', 'e3'));

    expect(await tokens(cache, key('m1', 'e9'))).toEqual(['t1', 't2']);
    expect(await tokens(cache, key('m9', 'e3'))).toEqual(['t3']);
    expect(await tokens(cache, key('m1', 'e3'))).toEqual(['t1', 't2', 't3']);
    expect(await tokens(cache, key('m1', 'e1', 'other'))).toEqual([]);
  });

  it('takes no id for another: no envelope is not the envelope of that name, a message id no envelope id', async () => {
    const { cache } = cacheAt();
    await remember(cache, 't1', key('m1'));
    await remember(cache, 't2', key('x', 'm1'));

    expect(await tokens(cache, key('m1'))).toEqual(['t1']);
    expect(await tokens(cache, key('m9', 'undefined'))).toEqual([]);
  });

  it('gives one claim of two that saw the same', async () => {
    const { cache } = cacheAt();
    const seen = await cache.lookUp(key('m', 'e1'));

    expect(await cache.claim(claimOf('t1', key('m', 'e1')), seen)).toBe(true);
    expect(await cache.claim(claimOf('t2', key('m', 'e1')), seen)).toBe(false);
    expect(await cache.claim(claimOf('t3', key('m', 'e2')), seen)).toBe(false);
    expect(await tokens(cache, key('m', 'e1'))).toEqual(['t1']);
  });

  it('gives a claim that was decided on in the knowledge of the others', async () => {
    const { cache } = cacheAt();
    await remember(cache, 't1', key('m', 'e1'));

    expect(await cache.claim(claimOf('t2', key('m', 'e2')), await cache.lookUp(key('m', 'e2')))).toBe(true);
  });

  it('forgets a released claim', async () => {
    const { cache } = cacheAt();
    await cache.claim(claimOf('t', key('m', 'e')), []);
    await cache.release(claimOf('t', key('m', 'e')));

    expect(await cache.lookUp(key('m', 'e'))).toEqual([]);
    expect(await cache.claim(claimOf('t2', key('m', 'e')), [])).toBe(true);
  });

  it('remembers an outcome as long as it says, from when it was complete: an hour', async () => {
    const { cache, pass } = cacheAt();
    await cache.claim(claimOf('t'), []);
    pass(50);
    await cache.complete(claimOf('t'), outcome);

    expect(cache.minutes).toBe(60);
    pass(59.9);
    expect(await tokens(cache, key('t'))).toEqual(['t']);
    pass(0.1);
    expect(await tokens(cache, key('t'))).toEqual([]);
  });

  it('does not forget what still runs', async () => {
    const { cache, pass } = cacheAt({ ttlMinutes: 1, maxEntries: 1 });
    await cache.claim(claimOf('running'), []);
    pass(1000);
    await remember(cache, 'done');

    expect(await tokens(cache, key('running'))).toEqual(['running']);
  });

  it('past its size forgets the oldest outcomes first', async () => {
    const { cache } = cacheAt({ maxEntries: 2 });
    for (const token of ['t1', 't2', 't3']) await remember(cache, token);

    expect(await Promise.all(['t1', 't2', 't3'].map((token) => tokens(cache, key(token))))).toEqual([[], ['t2'], ['t3']]);
  });

  it('may be told how long', () => {
    expect(memoryCache({ ttlMinutes: 5 }).minutes).toBe(5);
  });
});
