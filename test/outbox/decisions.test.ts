import { createReply, memoryPendingStore } from '@fhir-messaging/core';
import type { FullOutboxRecord, Message, Transport } from '@fhir-messaging/core';
import { memoryOutboxStore } from '@fhir-messaging/outbox';
import { describe, expect, it } from 'vitest';
import { answer, reset, silence, source } from '../exchange/loopback.ts';
import { open } from './open-bench.ts';
import { about, idOf, messageOf, minute, someone } from './outbox-under-test.ts';

describe('what a person does', () => {
  it('cancel takes back what cannot have arrived, and nothing else', async () => {
    const { outbox } = await open([reset, answer(503), answer(204)], { concurrency: 1 });
    const [uncertain, pending, done] = [messageOf(), messageOf(), messageOf()];
    for (const message of [uncertain, pending, done]) await outbox.enqueue(message);
    await outbox.run();

    expect(await outbox.cancel(idOf(uncertain))).toBe(false);
    expect(await outbox.cancel(idOf(pending))).toBe(true);
    expect(await outbox.cancel(idOf(done))).toBe(false);
    expect(await outbox.cancel('nothing')).toBe(false);
    expect((await outbox.list()).entries.map(({ id }) => id)).toEqual([uncertain, done].map(idOf));
  });

  it('cancel takes back what was seen, where that is said, and not what somebody changed since', async () => {
    const { outbox, another, pass, states } = await open([answer(429)], { maxSends: 1 });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    const [seen] = (await outbox.list()).entries;
    pass(1);
    expect(await another().retry(id)).toBe(true);

    expect(await outbox.cancel(id, seen)).toBe(false);
    expect(await states()).toEqual(['pending']);
    const [now] = (await outbox.list()).entries;
    expect(await outbox.cancel(id, now)).toBe(true);
  });

  it('cancel a second time changes nothing of what the first one did', async () => {
    const { outbox } = await open([]);
    const { id } = await outbox.enqueue(messageOf());

    expect([await outbox.cancel(id), await outbox.cancel(id)]).toEqual([true, false]);
    expect(outbox.wasCancelled(id)).toBe(true);
  });

  it('retry of what was rejected waits for the next of its key for as long as that is being sent', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let [sending, most, sends] = [0, 0, 0];
    const transport: Transport = async () => {
      const nth = (sends += 1);
      most = Math.max(most, (sending += 1));
      if (nth === 2) await held;
      sending -= 1;
      return { status: nth === 1 ? 422 : 204, body: undefined };
    };
    const { outbox, another, pass, states } = await open([], {}, { transport });
    const [a1, a2] = [about(someone), about(someone)];
    await outbox.enqueue(a1);
    await outbox.run();
    await outbox.enqueue(a2);
    const running = outbox.run();
    await expect.poll(() => sends).toBe(2);
    expect(await outbox.retry(idOf(a1))).toBe(true);
    for (let looks = 0; looks < 3; looks += 1) {
      await another().run();
      expect(await states()).toEqual(['pending', 'sending']);
      pass(1_000);
    }
    release();
    await running;
    pass(minute);
    await outbox.run();

    expect(await states()).toEqual(['replied', 'replied']);
    expect(most).toBe(1);
  });

  it('remove forgets what was sent, and nothing that was not', async () => {
    const { outbox } = await open([answer(204), answer(503)], { concurrency: 1 });
    const [done, pending] = [messageOf(), messageOf()];
    for (const message of [done, pending]) await outbox.enqueue(message);
    await outbox.run();

    expect(await outbox.remove(idOf(pending))).toBe(false);
    expect(await outbox.remove(idOf(done))).toBe(true);
    expect((await outbox.list()).entries.map(({ id }) => id)).toEqual([idOf(pending)]);
  });

  it.each([['ok', false], ['transient-error', false], ['fatal-error', true]] as const)('remove remembers of an entry that was answered %s whether it surely was not processed: %s', async (code, isUnprocessed) => {
    const { outbox, states } = await open([answer(202)], { async: true }, { pending: memoryPendingStore() });
    const message = messageOf();
    const { id } = await outbox.enqueue(message);
    await outbox.run();
    await outbox.accept(createReply(message, { source, code }).bytes);
    expect(await states()).toEqual([code === 'ok' ? 'replied' : 'rejected']);

    expect(await outbox.remove(id)).toBe(true);
    expect(outbox.wasCancelled(id)).toBe(isUnprocessed);
  });

  it('clear forgets nothing while something is unsent, and says what; all of it where told to', async () => {
    const { outbox, states } = await open([answer(204), answer(503)], { concurrency: 1 });
    const [done, pending] = [messageOf(), messageOf()];
    for (const message of [done, pending]) await outbox.enqueue(message);
    await outbox.run();

    expect((await outbox.clear()).map(({ id }) => id)).toEqual([idOf(pending)]);
    expect(await states()).toEqual(['replied', 'pending']);
    expect(await outbox.clear({ discardUnsent: true })).toEqual([]);
    expect(await states()).toEqual([]);
  });

  it('nothing is taken back, removed or retried while it is being sent', async () => {
    const { outbox, server } = await open([silence]);
    const { id } = await outbox.enqueue(messageOf());
    const run = outbox.run();
    await expect.poll(() => server.requests.length).toBe(1);

    expect([await outbox.cancel(id), await outbox.remove(id), await outbox.retry(id)]).toEqual([false, false, false]);
    expect((await outbox.clear({ discardUnsent: true })).map((entry) => entry.id)).toEqual([id]);
    await outbox.close();
    await run;
  });

  it.each(['cancel', 'retry'] as const)('%s does nothing to what a sender that was frozen goes on with in that very moment', async (press) => {
    const { outbox, store, another, pass, stateOf } = await open([]);
    const { id } = await outbox.enqueue(messageOf());
    const of = (await store.get(id))?.account ?? '';
    const [held] = await store.claim({ account: of, limit: 1, leaseMs: 1_000 });
    if (held === undefined) throw new Error('it should be due');
    pass(1_000);
    const get = async (name: string): Promise<FullOutboxRecord | undefined> => {
      const found = await store.get(name);
      await store.update(held, { facts: { ...held.facts, state: 'sending', sends: 1, sentAtMs: 1 }, isFinished: false, dueInMs: 0, leaseMs: 1_000 });
      return found;
    };

    expect(await another({ store: { ...store, get } })[press](id)).toBe(false);
    expect(await stateOf(id)).toEqual(['sending', undefined]);
  });

  it('cancel, and enqueue of the same message: a sender that was frozen since before changes nothing of the new entry, which goes out once', async () => {
    const arrived: Message[] = [];
    let timeMs = 1_700_000_000_000;
    const now = (): number => timeMs;
    const store = memoryOutboxStore(now);
    let isFrozen = false;
    let thaw = (): void => undefined;
    const frozen = new Promise<void>((resolve) => (thaw = resolve));
    const update: typeof store.update = async (hold, change) => {
      isFrozen = true;
      await frozen;
      return store.update(hold, change);
    };
    let tellArrived = (): void => undefined;
    const isSent = new Promise<void>((resolve) => (tellArrived = resolve));
    const transport: Transport = async ({ message }) => {
      arrived.push(message);
      tellArrived();
      await old;
      return { status: 204, body: undefined };
    };
    const { outbox, another, states } = await open([], { store: { ...store, update }, now }, { transport });
    const awake = another({ store });
    const message = messageOf();
    await outbox.enqueue(message);
    const old = outbox.run();
    await expect.poll(() => isFrozen).toBe(true);
    timeMs += 30_000;
    expect(await awake.cancel(idOf(message))).toBe(true);
    await awake.enqueue(message);
    const run = awake.run();
    await isSent;
    thaw();
    await run;
    timeMs += 10 * minute;
    await awake.run();

    expect(await states()).toEqual(['replied']);
    expect(arrived).toHaveLength(1);
  });
});
