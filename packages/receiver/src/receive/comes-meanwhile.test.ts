import type { ReliableCache } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../cache/memory-cache.ts';
import { codes, counting, messageOf, textOf, withIds } from '../../test/admissions.ts';
import { clock } from '../../test/clock.ts';
import { held } from '../../test/held.ts';
import type { Run } from '../../test/held.ts';

describe('receiver.process: one that comes while the first is being processed', () => {
  it('waits for it, and gets its reply to the byte (4.3 a)', async () => {
    const { receiver, run, runs } = held();
    const message = messageOf();
    const all = Array.from({ length: 20 }, () => receiver.process(message.bytes));
    (await run(1)).say({});
    const texts = new Set((await Promise.all(all)).map(textOf));

    expect(texts.size).toBe(1);
    expect(runs()).toBe(1);
  });

  it('also in another Bundle, where it is a consequence', async () => {
    const { receiver, run, runs } = held();
    const message = messageOf({ headerId: 'h1', bundleId: 'b1' });
    const first = receiver.process(message.bytes);
    const { say } = await run(1);
    const second = receiver.process(withIds(message, 'h1', 'b2').bytes);
    say({});

    expect(textOf(await second)).toBe(textOf(await first));
    expect(runs()).toBe(1);
  });

  it.each([
    ['a transient-error', ({ say }: Run) => say({ code: 'transient-error' }), 200],
    ['a throw', ({ fail }: Run) => fail(new Error('fault')), 500],
  ])('shares what is not remembered too: %s', async (_, end, status) => {
    const own = memoryCache();
    let lookedUp = (): void => undefined;
    const cache: ReliableCache = {
      ...own,
      lookUp: (key) => {
        setImmediate(lookedUp);
        return own.lookUp(key);
      },
    };
    const { receiver, run, runs } = held({ cache });
    const message = messageOf();
    const first = receiver.process(message.bytes);
    const running = await run(1);
    const isWaiting = new Promise<void>((resolve) => (lookedUp = resolve));
    const second = receiver.process(message.bytes);
    await isWaiting;
    end(running);

    expect(await first).toMatchObject({ status });
    expect(await second).toBe(await first);
    expect(runs()).toBe(1);
  });

  it('with other content is refused at once', async () => {
    const { receiver, run } = held();
    const first = receiver.process(messageOf({ headerId: 'h1', bundleId: 'b1' }).bytes);
    const { say } = await run(1);

    expect(codes(await receiver.process(messageOf({ headerId: 'h1', bundleId: 'b2', family: 'Smith' }).bytes))).toEqual(['conflict cache.content']);
    say({});
    expect((await first).status).toBe(200);
  });

  it('is processed itself when the first one is given up', async () => {
    const { receiver, run, runs } = held();
    const message = messageOf();
    const controller = new AbortController();
    const first = receiver.process(message.bytes, { signal: controller.signal });
    const { fail, signal } = await run(1);
    const second = receiver.process(message.bytes);
    controller.abort('gone');
    expect(signal.aborted).toBe(true);
    fail(new Error('stopped'));

    await expect(first).rejects.toBe('gone');
    (await run(2)).say({});
    expect((await second).status).toBe(200);
    expect(runs()).toBe(2);
  });

  it('what a handler fails with after its sender went away is told, the going away is not', async () => {
    const errors: unknown[] = [];
    const { receiver, run } = held({ onError: (error) => void errors.push(error) });
    const controller = new AbortController();
    const first = receiver.process(messageOf().bytes, { signal: controller.signal });
    const { fail } = await run(1);
    controller.abort('gone');
    const fault = new Error('the disk is full');
    fail(fault);
    await expect(first).rejects.toBe('gone');

    const other = new AbortController();
    const second = receiver.process(messageOf().bytes, { signal: other.signal });
    const { fail: stop } = await run(2);
    other.abort(new Error('gone'));
    stop(other.signal.reason);
    await expect(second).rejects.toThrow('gone');

    expect(errors).toEqual([fault]);
  });

  it("stops waiting when its own sender goes away: the signal's reason", async () => {
    const { receiver, run } = held();
    const message = messageOf();
    const first = receiver.process(message.bytes);
    const { say } = await run(1);
    const controller = new AbortController();
    const second = receiver.process(message.bytes, { signal: controller.signal });
    controller.abort('gone');

    await expect(second).rejects.toBe('gone');
    say({});
    expect((await first).status).toBe(200);
  });

  it('here, past its patience, is told to ask again: 503 with Retry-After', async () => {
    const { waits, wait } = clock();
    const { receiver, run, runs } = held({ wait, inFlight: { waitMs: 5000, retryAfterSeconds: 7 } });
    const message = messageOf();
    const first = receiver.process(message.bytes);
    const { say } = await run(1);
    const second = receiver.process(message.bytes);
    (await waits.of(5000)).pass();

    expect(await second).toMatchObject({ status: 503, retryAfterSeconds: 7 });
    expect(codes(await second)).toEqual(['lock-error cache.in-flight']);
    say({});
    expect((await first).status).toBe(200);
    expect(runs()).toBe(1);
  });

  it.each([2 ** 31, Infinity])('here, however long it may wait, is not sent away at once: waitMs %d, past what the platform\'s timers run', async (waitMs) => {
    const { receiver, run } = held({ inFlight: { waitMs } });
    const message = messageOf();
    const first = receiver.process(message.bytes);
    const { say } = await run(1);
    const second = receiver.process(message.bytes);
    setTimeout(() => say({}), 20);

    expect([(await first).status, (await second).status]).toEqual([200, 200]);
  });

  it('elsewhere, on the same cache, asks the cache again and again, and gets the reply of the first to the byte', async () => {
    const cache = memoryCache();
    const { waits, wait } = clock();
    const [here, there] = [held({ cache }), held({ cache, wait, inFlight: { pollMs: 100 } })];
    const message = messageOf();
    const first = here.receiver.process(message.bytes);
    const { say } = await here.run(1);
    const second = there.receiver.process(message.bytes);
    (await waits.of(100)).pass();
    const again = await waits.of(100);
    say({});
    await first;
    again.pass();

    expect(textOf(await second)).toBe(textOf(await first));
    expect(there.runs()).toBe(0);
  });

  it('elsewhere, past its patience, is told to ask again: 503 with Retry-After', async () => {
    const cache = memoryCache();
    const { waits, wait } = clock();
    const [here, there] = [held({ cache }), held({ cache, wait })];
    const message = messageOf();
    const first = here.receiver.process(message.bytes);
    const { say } = await here.run(1);
    const second = there.receiver.process(message.bytes);
    (await waits.of(20_000)).pass();

    expect(await second).toMatchObject({ status: 503, retryAfterSeconds: 1 });
    say({});
    const original = textOf(await first);
    expect(textOf(await there.receiver.process(message.bytes))).toBe(original);
    expect(there.runs()).toBe(0);
  });

  it("elsewhere, stops waiting when its own sender goes away, or the receiver closes", async () => {
    const cache = memoryCache();
    const { waits, wait } = clock();
    const [here, there] = [held({ cache }), held({ cache, wait })];
    const message = messageOf();
    const first = here.receiver.process(message.bytes);
    const { say } = await here.run(1);
    const controller = new AbortController();
    const gone = there.receiver.process(message.bytes, { signal: controller.signal });
    await waits.of(250);
    controller.abort('gone');
    await expect(gone).rejects.toBe('gone');

    const waiting = there.receiver.process(message.bytes);
    await waits.of(250);
    await there.receiver.close();
    expect((await waiting).status).toBe(503);
    say({});
    await first;
  });

  it("where the cache could not take the outcome, gets the first one's 500, and the handler is not run for it", async () => {
    const own = memoryCache();
    const cache: ReliableCache = { ...own, begin: (claim) => ({ ...own.begin(claim), commit: () => Promise.reject(new Error('the database is gone')) }) };
    const { wait } = clock();
    const { receiver, run, runs } = held({ cache, wait });
    const message = messageOf();
    let onWait = (): void => undefined;
    const waits = new Promise<void>((resolve) => (onWait = resolve));
    const first = receiver.process(message.bytes);
    const { say } = await run(1);
    const second = receiver.process(message.bytes, { onWait: () => onWait() });
    await waits;
    say({});

    expect([(await first).status, (await second).status]).toEqual([500, 500]);
    expect(runs()).toBe(1);
  });

  it('looks again where the claim was lost to another', async () => {
    const own = memoryCache();
    let lost = 0;
    const cache: ReliableCache = {
      ...own,
      claim: (claim, seen) => ((lost += 1) === 1 ? Promise.resolve(false) : own.claim(claim, seen)),
    };
    const { receiver, runs } = counting({ cache });

    expect((await receiver.process(messageOf().bytes)).status).toBe(200);
    expect(runs()).toBe(1);
  });
});
