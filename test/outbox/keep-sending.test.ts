import { keepSending, memoryOutboxStore } from '@fhir-messaging/outbox';
import type { KeepSendingOptions } from '@fhir-messaging/outbox';
import { afterEach, describe, expect, it } from 'vitest';
import { answer } from '../exchange/loopback.ts';
import { account, benchOf, messageOf } from './outbox-under-test.ts';
import type { Bench } from './outbox-under-test.ts';

let bench: Bench | undefined;
let stop = (): void => undefined;
afterEach(async () => {
  stop();
  await bench?.stop();
  bench = undefined;
});

/** A page, its timer, and a lock that somebody else may hold; each under the test's hand. */
function page(): { options: KeepSendingOptions; window: EventTarget; tick: () => void; lock: { isHeld: boolean; release: () => void } } {
  const window = new EventTarget();
  const ticks = new Set<() => void>();
  const lock = { isHeld: false, release: (): void => undefined };
  const options: KeepSendingOptions = {
    targets: [window],
    locks: {
      async request(_, run) {
        if (lock.isHeld) await new Promise<void>((resolve) => void (lock.release = resolve));
        await run();
      },
    },
    startInterval(_, run) {
      ticks.add(run);
      return () => ticks.delete(run);
    },
  };
  return { options, window, lock, tick: () => ticks.forEach((run) => run()) };
}

describe('keepSending', () => {
  it('sends at once what was queued before, and after each enqueue', async () => {
    bench = await benchOf([answer(204)]);
    await bench.outbox.enqueue(messageOf());
    stop = keepSending(bench.outbox, page().options);
    await expect.poll(() => bench!.states()).toEqual(['replied']);

    await bench.outbox.enqueue(messageOf());
    await expect.poll(() => bench!.states()).toEqual(['replied', 'replied']);
  });

  it.each(['online', 'focus', 'pageshow', 'visibilitychange', 'its timer'])('tries again on %s', async (event) => {
    let isOnline = false;
    bench = await benchOf([answer(204)], { isOnline: () => isOnline });
    const { options, window, tick } = page();
    stop = keepSending(bench.outbox, options);
    await bench.outbox.enqueue(messageOf());
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['pending']);

    isOnline = true;
    if (event === 'its timer') tick();
    else window.dispatchEvent(new Event(event));
    await expect.poll(() => bench!.states()).toEqual(['replied']);
  });

  it.each([Infinity, 2 ** 31])('does not run again and again where pollMs is longer than any timer: %d', async (pollMs) => {
    bench = await benchOf([]);
    let runs = 0;
    const counted = { ...bench.outbox, run: () => ((runs += 1), Promise.resolve()) };
    stop = keepSending(counted, { ...page().options, startInterval: undefined, pollMs });
    await new Promise((resolve) => void setTimeout(resolve, 50));

    expect(runs).toBe(1);
  });

  it('overhears nothing that is queued between the end of a run and the release of its lock', async () => {
    bench = await benchOf([answer(204)]);
    const released: (() => void)[] = [];
    const locks = {
      async request(_: string, run: () => Promise<void>): Promise<void> {
        await run();
        await new Promise<void>((resolve) => void released.push(resolve));
      },
    };
    stop = keepSending(bench.outbox, { ...page().options, locks });
    await expect.poll(() => released.length).toBe(1);
    await bench.outbox.enqueue(messageOf());
    released.shift()!();

    await expect.poll(() => bench!.states()).toEqual(['replied']);
    released.shift()!();
  });

  it('leaves the sending to the tab that has the lock, as long as nothing is due', async () => {
    bench = await benchOf([answer(503)], { store: memoryOutboxStore() });
    await bench.outbox.enqueue(messageOf());
    await bench.outbox.run();
    expect((await bench.outbox.list()).entries[0]?.dueAtMs).toBeGreaterThan(Date.now());
    const { options, lock, tick } = page();
    lock.isHeld = true;
    let runs = 0;
    const outbox = { ...bench.outbox, run: () => ((runs += 1), bench!.outbox.run()) };
    stop = keepSending(outbox, options);
    for (let time = 0; time < 5; time += 1) {
      tick();
      await new Promise((resolve) => void setTimeout(resolve, 5));
    }

    expect(runs).toBe(0);
  });

  it('has what was taken back free what it held back', async () => {
    bench = await benchOf([answer(204)], { isOnline: () => true });
    const dead = await bench.outbox.enqueue(messageOf(), { key: 'one' });
    const { records } = await bench.store.list();
    await bench.store.update(records[0]!, { facts: { ...records[0]!.facts, state: 'dead' }, isFinished: false, dueInMs: undefined });
    const next = await bench.outbox.enqueue(messageOf(), { key: 'one' });
    stop = keepSending(bench.outbox, page().options);
    await bench.outbox.run();
    expect(await bench.stateOf(next.id)).toEqual(['pending', undefined]);

    expect(await bench.outbox.cancel(dead.id)).toBe(true);
    await expect.poll(() => bench!.states()).toEqual(['replied']);
  });

  it('leaves sending to whoever has the lock, and takes its turn after that', async () => {
    bench = await benchOf([answer(204)]);
    const { options, lock, tick } = page();
    lock.isHeld = true;
    stop = keepSending(bench.outbox, options);
    await bench.outbox.enqueue(messageOf());
    const [held] = await bench.store.claim({ account: (await bench.store.list()).records[0]!.account, limit: 1, leaseMs: 30_000 });
    expect(held?.isLeased).toBe(true);
    for (let poll = 0; poll < 5; poll += 1) tick();
    await bench.outbox.list();
    expect(bench.server.requests).toEqual([]);

    await bench.store.update(held!, { facts: held!.facts, isFinished: false, dueInMs: 0 });
    lock.release();
    await expect.poll(() => bench!.states()).toEqual(['replied']);
  });

  it('sends without the lock where its holder does nothing with what is due, as a frozen tab does', async () => {
    bench = await benchOf([answer(204)]);
    const { options, lock, tick } = page();
    lock.isHeld = true;
    stop = keepSending(bench.outbox, options);
    await bench.outbox.enqueue(messageOf());

    await expect.poll(async () => (tick(), bench!.states())).toEqual(['replied']);
  });

  it('waits for senders of the same account alone: a server that hangs holds up nobody else’s', async () => {
    bench = await benchOf([answer(204)]);
    const names: string[] = [];
    const locks = { request: (name: string, run: () => Promise<void>) => (names.push(name), run()) };
    const whose = [account, { ...account, baseUrl: `${account.baseUrl}/` }, { ...account, baseUrl: 'https://other.example.org' }, { ...account, user: 'Practitioner/2' }];
    const stops = whose.map((of) => keepSending(bench!.another({ account: of }), { ...page().options, locks }));
    stop = () => stops.forEach((end) => end());

    expect(names).toHaveLength(4);
    expect(names[1]).toBe(names[0]);
    expect(new Set(names).size).toBe(3);
  });

  it('tells what a run failed with, and makes the next one all the same', async () => {
    bench = await benchOf([answer(204)]);
    await bench.outbox.enqueue(messageOf());
    const told: unknown[] = [];
    const { options, tick } = page();
    let isBroken = true;
    const run = (): Promise<void> => (isBroken ? Promise.reject(new Error('no disk')) : bench!.outbox.run());
    stop = keepSending({ ...bench.outbox, run }, { ...options, onError: (error) => told.push(error) });
    await expect.poll(() => told).toEqual([new Error('no disk')]);

    isBroken = false;
    tick();
    await expect.poll(() => bench!.states()).toEqual(['replied']);
  });

  it('goes on as before though what is told of a failure fails itself: it still waits for the lock', async () => {
    bench = await benchOf([answer(204)]);
    await bench.outbox.enqueue(messageOf());
    const { options, window, lock } = page();
    let runs = 0;
    const run = (): Promise<void> => ((runs += 1) === 1 ? Promise.reject(new Error('no disk')) : bench!.outbox.run());
    stop = keepSending({ ...bench.outbox, run }, { ...options, onError: () => { throw new Error('no screen'); } });
    await expect.poll(() => runs).toBe(1);
    await new Promise((resolve) => void setImmediate(resolve));
    lock.isHeld = true;
    window.dispatchEvent(new Event('online'));
    await new Promise((resolve) => void setImmediate(resolve));
    expect(runs).toBe(1);
    lock.release();

    await expect.poll(() => bench!.states()).toEqual(['replied']);
  });

  it('does nothing once it is stopped', async () => {
    bench = await benchOf([answer(204)]);
    const { options, window, tick } = page();
    keepSending(bench.outbox, options)();
    await bench.outbox.enqueue(messageOf());
    window.dispatchEvent(new Event('online'));
    tick();
    await new Promise((resolve) => void setImmediate(resolve));

    expect(await bench.states()).toEqual(['pending']);
  });
});
