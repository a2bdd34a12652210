import { MessagingError } from '@fhir-messaging/core';
import type { Transport } from '@fhir-messaging/core';
import { memoryOutboxStore } from '@fhir-messaging/outbox';
import { describe, expect, it } from 'vitest';
import { answer, reset } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import { open } from './open-bench.ts';
import { about, codeOf, idOf, messageOf, minute, receiverOf, serve, someone } from './outbox-under-test.ts';

describe('order', () => {
  it('is that of enqueue, though a store comes to its end with the second of two first, or fails at one; other keys do not wait', async () => {
    const own = memoryOutboxStore();
    const asked: string[] = [];
    const free: (() => void)[] = [];
    const store: typeof own = {
      ...own,
      async add(entry) {
        const place = asked.push(entry.id);
        if (place === 1) await new Promise<void>((resolve) => free.push(resolve));
        if (place === 3) throw new MessagingError('storage.unavailable', 'full');
        return own.add(entry);
      },
    };
    const { outbox } = await open([], { store });
    const [a1, a2, a3, b1] = [messageOf(), messageOf(), messageOf(), messageOf()];
    const enqueued = Promise.allSettled([a1, a2, a3].map((message) => outbox.enqueue(message, { key: 'a' })));
    await outbox.enqueue(b1, { key: 'b' });
    expect(asked).toEqual([a1, b1].map(idOf));

    free.forEach((go) => go());
    expect((await enqueued).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await outbox.list()).entries.map(({ id }) => id)).toEqual([b1, a1, a3].map(idOf));
  });

  it('first in, first out by what messages are about; other keys do not wait', async () => {
    const seen: string[] = [];
    const handler = receiverOf(seen);
    const { outbox, pass } = await open([answer(503), serve(handler)], { concurrency: 1 });
    const [a1, a2, b1] = [about(someone), about(someone), messageOf()];
    for (const message of [a1, a2, b1]) await outbox.enqueue(message);
    await outbox.run();
    expect(seen).toEqual([idOf(b1)]);

    pass(minute);
    await outbox.run();
    expect(seen).toEqual([b1, a1, a2].map(idOf));
  });

  it('a dead or uncertain message holds back its key only, until somebody decides', async () => {
    const seen: string[] = [];
    const { outbox } = await open([reset, serve(receiverOf(seen))], { concurrency: 1 });
    const [a1, a2, b1] = [about(someone), about(someone), messageOf()];
    for (const message of [a1, a2, b1]) await outbox.enqueue(message);
    await outbox.run();
    expect(seen).toEqual([idOf(b1)]);

    await outbox.decide(idOf(a1), 'processed');
    await outbox.run();
    expect(seen).toEqual([b1, a2].map(idOf));
  });

  it.each<[state: string, step: Step, isHeld: boolean]>([
    ['replied', answer(204), false],
    ['rejected', answer(422), false],
    ['accepted', answer(202), false],
    ['pending', answer(503), true],
    ['waiting', answer(401), true],
    ['uncertain', reset, true],
    ['dead', answer(503), true],
  ])('a message that is %s holds back the next of its key, or does not', async (state, step, isHeld) => {
    const { outbox, states } = await open([step, answer(204)], { concurrency: 1, ...(state === 'dead' && { maxSends: 1 }) });
    for (const message of [about(someone), about(someone)]) await outbox.enqueue(message);
    await outbox.run();

    expect(await states()).toEqual([state, isHeld ? 'pending' : 'replied']);
  });

  it('a message that is blocked behind a rejected one holds back the next of its key, which without `after` would have gone', async () => {
    const { outbox, states, server } = await open([answer(422), answer(204)]);
    const { id, key } = await outbox.enqueue(about(someone));
    await outbox.enqueue(about(someone), { after: id });
    await outbox.enqueue(about(someone), { key });
    await outbox.run();

    expect(await states()).toEqual(['rejected', 'blocked', 'pending']);
    expect(server.requests).toHaveLength(1);
  });
});

describe('how many at once', () => {
  it('as many as `concurrency` says, claimed together where there is room for several', async () => {
    const store = memoryOutboxStore();
    const limits: number[] = [];
    let [sending, most] = [0, 0];
    const transport: Transport = async () => {
      most = Math.max(most, (sending += 1));
      await new Promise(setImmediate);
      sending -= 1;
      return { status: 204, body: undefined };
    };
    const { outbox, states } = await open([answer(204)], { store: { ...store, claim: (claiming) => (limits.push(claiming.limit), store.claim(claiming)) }, concurrency: 3 }, { transport });
    for (let count = 0; count < 8; count += 1) await outbox.enqueue(messageOf());
    await outbox.run();

    expect(await states()).toEqual(Array(8).fill('replied'));
    expect([most, limits[0]]).toEqual([3, 3]);
    expect(limits.every((limit) => limit > 0 && limit <= 3)).toBe(true);
  });

  it('what comes in while it runs is sent by the same run', async () => {
    const { outbox, states } = await open([answer(204)], { concurrency: 1 });
    await outbox.enqueue(messageOf());
    const running = outbox.run();
    await outbox.enqueue(messageOf());
    await Promise.all([running, outbox.run()]);

    expect(await states()).toEqual(['replied', 'replied']);
  });

  /** A transport whose first send is answered when it is released, and every other one at once. */
  function holdingTheFirst() {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let count = 0;
    const transport: Transport = async () => {
      if ((count += 1) === 1) await held;
      return { status: 204, body: undefined };
    };
    return { transport, sends: () => count, release: () => release() };
  }

  it('what comes in while another is being sent does not wait for that, where there is room', async () => {
    const { transport, sends, release } = holdingTheFirst();
    const { outbox, states } = await open([], {}, { transport });
    await outbox.enqueue(messageOf());
    const running = outbox.run();
    await expect.poll(sends).toBe(1);
    await outbox.enqueue(messageOf());
    void outbox.run();

    await expect.poll(() => states()).toEqual(['sending', 'replied']);
    release();
    await running;
    expect(await states()).toEqual(['replied', 'replied']);
  });

  it('what comes in when its sender was frozen for longer than a lease waits: what that is sending would be claimed with it', async () => {
    let time = 1_700_000_000_000;
    const { transport, sends, release } = holdingTheFirst();
    const { outbox, states } = await open([], { store: memoryOutboxStore(() => time), now: () => time }, { transport });
    await outbox.enqueue(messageOf());
    const running = outbox.run();
    await expect.poll(sends).toBe(1);
    time += minute;
    await outbox.enqueue(messageOf());
    void outbox.run();
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    release();
    await running;

    expect(await states()).toEqual(['replied', 'replied']);
    expect(sends()).toBe(2);
  });

  it('as many as there are, of a number without end', async () => {
    const store = memoryOutboxStore();
    const { outbox, states } = await open([answer(204)], { concurrency: Infinity, store: { ...store, claim: ({ limit, ...claiming }) => store.claim({ ...claiming, limit: Number.isFinite(limit) ? limit : 0 }) } });
    await outbox.enqueue(messageOf());
    await outbox.run();

    expect(await states()).toEqual(['replied']);
  });

  it('a run that fails has ended what it was sending', async () => {
    const store = memoryOutboxStore();
    let claims = 0;
    const failing: typeof store = {
      ...store,
      claim: async (claiming) => {
        claims += 1;
        if (claims === 2) throw new MessagingError('storage.unavailable', 'The disk is gone.');
        return store.claim(claiming);
      },
    };
    let answers = 0;
    const transport: Transport = async () => {
      answers += 1;
      for (let turns = 0; turns < answers * 5; turns += 1) await new Promise(setImmediate);
      return { status: 204, body: undefined };
    };
    const { outbox, states } = await open([answer(204)], { store: failing, concurrency: 2 }, { transport });
    for (let count = 0; count < 3; count += 1) await outbox.enqueue(messageOf());

    expect(await codeOf(outbox.run())).toBe('storage.unavailable');
    expect(await states()).toEqual(['replied', 'replied', 'pending']);
  });
});
