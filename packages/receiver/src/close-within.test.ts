import { bars } from '@fhir-messaging/core';
import type { CacheWork, ReliableCache } from '@fhir-messaging/core';
import { describe, expect, it, vi } from 'vitest';
import { memoryCache } from './cache/memory-cache.ts';
import { createReceiver } from './create-receiver.ts';
import { admit, codes, counting, messageOf, source, textOf } from '../test/admissions.ts';
import { clock } from '../test/clock.ts';
import { held } from '../test/held.ts';

const never = (): Promise<never> => new Promise(() => undefined);

describe('receiver.close({ withinMs })', () => {
  it("after that time a handler's signal aborts with closed, it is told of as one that failed, and another process may have its message", async () => {
    const cache = memoryCache();
    const { wait, waits } = clock();
    const onError = vi.fn();
    const { receiver, run } = held({ cache, wait, onError });
    const message = messageOf();
    const running = receiver.process(message.bytes);
    const { signal } = await run(1);
    const closing = receiver.close({ withinMs: 5_000 });
    const time = await waits.of(5_000);

    expect(signal.aborted).toBe(false);
    time.pass();
    await closing;
    const result = await running;
    expect(signal.reason).toMatchObject({ name: 'MessagingError', code: 'closed' });
    expect([result.status, codes(result), onError.mock.calls.map(([error]) => error === signal.reason)]).toEqual([500, ['exception handler.failed'], [true]]);
    expect((await counting({ cache }).receiver.process(message.bytes)).status).toBe(200);
  });

  it('a handler that ends in time is not disturbed, and the closing does not wait for longer', async () => {
    const { receiver, run } = held();
    const running = receiver.process(messageOf().bytes);
    const { say, signal } = await run(1);
    const closing = receiver.close({ withinMs: 60_000 });
    say({});
    await closing;

    expect([(await running).status, signal.aborted]).toEqual([200, false]);
  });

  it.each([undefined, bars])('a resend that waits for such a handler does not begin anew (%j)', async (identity) => {
    const { receiver, run, runs } = held({ identity });
    const message = messageOf();
    const running = receiver.process(message.bytes);
    await run(1);
    let resend = running;
    await new Promise<void>((resolve) => {
      resend = receiver.process(message.bytes, { onWait: () => resolve() });
    });
    await receiver.close({ withinMs: 0 });

    const ended = await Promise.allSettled([running, resend]);
    const failed = { value: expect.objectContaining({ status: 500, issues: [expect.objectContaining({ rule: 'handler.failed' })] }) };
    const closed = { reason: expect.objectContaining({ code: 'closed' }) };
    // Under BaRS a resend is not told of the first's failure.
    expect([...ended, runs()]).toMatchObject([failed, identity ? closed : failed, 1]);
  });

  it.each(['lookUp', 'claim'] as const)('a message whose %s ended only after that time was never begun: closed, as any that comes then, and another process may have it', async (name) => {
    const kept = memoryCache();
    let go = (): void => undefined;
    const gone = new Promise<void>((resolve) => (go = resolve));
    const asked = vi.fn();
    const slow = async (): Promise<void> => {
      asked();
      await gone;
    };
    const cache: ReliableCache = {
      ...kept,
      lookUp: async (key) => (name === 'lookUp' && (await slow()), kept.lookUp(key)),
      claim: async (...claim) => (name === 'claim' && (await slow()), kept.claim(...claim)),
    };
    const { wait, waits } = clock();
    const onError = vi.fn();
    const { receiver, runs } = counting({ cache, wait, onError });
    const message = messageOf();
    const processed = receiver.process(message.bytes);
    await vi.waitUntil(() => asked.mock.calls.length === 1);
    const closing = receiver.close({ withinMs: 0 });
    (await waits.of(0)).pass();
    await waits.of(1_000);
    go();

    await expect(processed).rejects.toMatchObject({ code: 'closed' });
    await closing;
    expect([runs(), onError.mock.calls]).toEqual([0, []]);
    expect((await counting({ cache: kept }).receiver.process(message.bytes)).status).toBe(200);
  });

  it('closed also where the claim on what was never begun cannot be given back, as when the pool has ended: onError is told of that', async () => {
    const kept = memoryCache();
    let go = (): void => undefined;
    const gone = new Promise<void>((resolve) => (go = resolve));
    const ended = new Error('the pool has ended');
    const claim: ReliableCache['claim'] = async (...claim) => (await gone, kept.claim(...claim));
    const { wait, waits } = clock();
    const onError = vi.fn();
    const { receiver, runs } = counting({ cache: { ...kept, claim, release: () => Promise.reject(ended) }, wait, onError });
    const processed = receiver.process(messageOf().bytes);
    const closing = receiver.close({ withinMs: 0 });
    (await waits.of(0)).pass();
    await waits.of(1_000);
    go();

    await expect(processed).rejects.toMatchObject({ code: 'closed' });
    await closing;
    expect([runs(), onError.mock.calls]).toEqual([0, [[ended, expect.anything()]]]);
  });

  it.each(['runs', 'commits'])('a handler whose claim another process took over, and that still %s after that time, is no failure: its sender is told of the outcome that counts', async (act) => {
    let time = 0;
    const kept = memoryCache({ leaseMs: 30_000, now: () => time });
    const failing: ((error: Error) => void)[] = [];
    const commit = (): Promise<never> => new Promise((_, reject) => void failing.push(reject));
    const begin = (): CacheWork<undefined> => ({ transaction: undefined, commit, rollback: () => Promise.resolve() });
    const { wait, waits } = clock();
    const onError = vi.fn();
    const here = held({ cache: act === 'runs' ? kept : { ...kept, begin }, wait, onError });
    const there = held({ cache: kept });
    const message = messageOf();
    const first = here.receiver.process(message.bytes);
    const { say, signal } = await here.run(1);
    const renewal = await waits.of(10_000);
    time = 30_000;
    const second = there.receiver.process(message.bytes);
    (await there.run(1)).say({});
    await second;
    if (act === 'commits') {
      say({});
      await vi.waitUntil(() => failing.length === 1);
    }
    renewal.pass();
    await vi.waitUntil(() => signal.aborted);
    const closing = here.receiver.close({ withinMs: 0 });
    (await waits.of(0)).pass();
    await waits.of(1_000);
    failing[0]?.(new Error('the connection broke off'));
    await closing;

    expect([(await first).status, textOf(await first)]).toEqual([200, textOf(await second)]);
    expect(onError.mock.calls.map(([error]) => error)).toContainEqual(expect.objectContaining({ code: 'lease.lost' }));
  });

  it('an accepted message goes back to the cache at once, for another process', async () => {
    const cache = memoryCache();
    const replyTo = { origins: () => ['https://app.example.org'], fetch: () => Promise.resolve(new Response()), allowVolatileCustody: true };
    const { receiver, run } = held({ cache, replyTo });
    await receiver.resume();
    const { status } = await receiver.process(messageOf().bytes, { async: true });
    await run(1);
    await receiver.close({ withinMs: 0 });
    const processed = new Promise<void>((resolve) => {
      const another = createReceiver({ source, cache, replyTo }).on(admit, () => resolve());
      void another.resume();
    });
    await processed;

    expect(status).toBe(200);
  });

  it('a commit that fails after that time is a handler that failed, 500: closed would say that nothing was begun', async () => {
    const { wait, waits } = clock();
    const failing: ((error: Error) => void)[] = [];
    const commit = (): Promise<never> => new Promise((_, reject) => void failing.push(reject));
    const cache: ReliableCache = { ...memoryCache(), begin: () => ({ transaction: undefined, commit, rollback: () => Promise.resolve() }) };
    const { receiver } = counting({ cache, wait });
    const processed = receiver.process(messageOf().bytes);
    await vi.waitUntil(() => failing.length === 1);
    const closing = receiver.close({ withinMs: 0 });
    (await waits.of(0)).pass();
    await waits.of(1_000);
    failing[0]?.(new Error('the connection broke off during the commit'));
    await closing;
    const result = await processed;

    expect([result.status, codes(result)]).toEqual([500, ['exception handler.failed']]);
  });

  it('ends a second later at the most, whatever a cache does that is given its claims back', async () => {
    const { wait, waits } = clock();
    const work: CacheWork<undefined> = { transaction: undefined, commit: never, rollback: never };
    const cache: ReliableCache = { ...memoryCache(), begin: () => work };
    const { receiver, run } = held({ cache, wait });
    void receiver.process(messageOf().bytes);
    await run(1);
    const closing = receiver.close({ withinMs: 0 });
    (await waits.of(0)).pass();
    (await waits.of(1_000)).pass();

    await closing;
  });

  it('takes no time that is no number, or has no end', async () => {
    const { receiver } = counting();
    for (const none of [NaN, -1, Infinity]) await expect(receiver.close({ withinMs: none })).rejects.toThrow(new TypeError('close: withinMs is a number finite, and 0 or more.'));
  });
});
