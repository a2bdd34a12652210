import { createMessenger, createReply, memoryPendingStore, MessagingError, processMessageTransport, r4 } from '@fhir-messaging/core';
import type { MessageCategory, OutboxStore, Transport } from '@fhir-messaging/core';
import { memoryOutboxStore } from '@fhir-messaging/outbox';
import type { Account } from '@fhir-messaging/outbox';
import { describe, expect, it } from 'vitest';
import { answer, dropReply, reset, silence } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import { bench, open } from './open-bench.ts';
import { account, admission, codeOf, idOf, locked, messageOf, minute, receiverOf, serve } from './outbox-under-test.ts';

describe('a message that may have arrived', () => {
  it('is sent again by itself while the peer is known to recognise it: the same bytes, one processing', async () => {
    const seen: string[] = [];
    const handler = receiverOf(seen);
    const { outbox, pass, states } = await open([dropReply(handler), serve(handler)], { peer: { reliableCacheMinutes: 60 } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    expect(await states()).toEqual(['pending']);

    pass(minute);
    await outbox.run();
    expect(await states()).toEqual(['replied']);
    expect(seen).toEqual([id]);
  });

  it.each<[first: string, step: Step, isKnown: boolean]>([
    ['a gateway answered for', answer(504), true],
    ['is said to be locked, in process', answer(503, locked), true],
    ['the server answered not now', answer(503), false],
  ])('and that %s is one still, or not, after a reply that says transient-error', async (_, step, mayHaveArrived) => {
    const peer = { reliableCacheMinutes: 10 };
    const busy = serve(receiverOf([], { code: () => 'transient-error' }));
    const { outbox, pass, stateOf, server } = await open([step, busy, answer(204)], { peer }, { peer, retry: { maxAttempts: 2 } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    expect((await outbox.list()).entries).toMatchObject([{ id, state: 'pending', reason: 'transient-error', mayHaveArrived }]);

    pass(120 * minute);
    await outbox.run();
    expect((await stateOf(id))[0]).toBe(mayHaveArrived ? 'uncertain' : 'replied');
    expect(server.requests).toHaveLength(mayHaveArrived ? 2 : 3);
    expect(await outbox.cancel(id)).toBe(false);
  });

  it.each<[after: string, state: string, last: 'close' | 'sign out' | 'refuse']>([
    ['the outbox is closed', 'pending', 'close'],
    ['the account signs out', 'waiting', 'sign out'],
    ['the next attempt finds nobody', 'pending', 'refuse'],
  ])('is not one that was answered transient-error before %s: it is sent again, and no question', async (_, state, last) => {
    const message = messageOf();
    let signedIn: Account | undefined = account;
    let requests = 0;
    const transport: Transport = () => {
      requests += 1;
      if (requests === 2 && last === 'refuse') throw new MessagingError('transport.failed', 'refused', { delivery: 'no' });
      return Promise.resolve({ status: 200, body: createReply(message, { source: 'https://b.example.org', code: requests === 1 ? 'transient-error' : 'ok' }).bytes });
    };
    const sleep = async (): Promise<void> => {
      if (last === 'close') void bench?.outbox.close();
      if (last === 'sign out') signedIn = undefined;
    };
    const { outbox, another, pass, states } = await open([], { signedIn: () => signedIn }, { transport, retry: { maxAttempts: 2 }, sleep });
    await outbox.enqueue(message);
    await outbox.run();
    expect((await outbox.list()).entries).toMatchObject([{ state, mayHaveArrived: false }]);

    signedIn = account;
    pass(minute);
    await another().run();
    expect(await states()).toEqual(['replied']);
    expect(requests).toBe(last === 'refuse' ? 3 : 2);
  });

  it.each<[peer: string, reliableCacheMinutes: number | undefined, state: string]>([
    ['nobody knows to remember it', undefined, 'uncertain'],
    ['remembers it', 60, 'rejected'],
  ])('and is sent again to a peer that %s: a fatal-error is the answer to the first one, or a question', async (_, reliableCacheMinutes, state) => {
    const fatal = serve(receiverOf([], { code: () => 'fatal-error' }));
    const { outbox, stateOf } = await open([reset, fatal], { peer: { reliableCacheMinutes } }, { pending: memoryPendingStore() });
    const message = messageOf();
    const { id } = await outbox.enqueue(message);
    await outbox.run();
    await outbox.retry(id);
    await outbox.run();

    expect(await stateOf(id)).toEqual([state, 'fatal-error']);
    expect((await outbox.read(id))?.reply?.graph.header?.response?.code).toBe('fatal-error');
    await outbox.accept(createReply(message, { source: 'https://b.example.org' }).bytes);
    expect((await stateOf(id))[0]).toBe(state === 'uncertain' ? 'replied' : 'rejected');
  });

  it('is not sent in the last minute in which the peer recognises it: what an attempt takes to arrive', async () => {
    const { outbox, pass, store, stateOf, server } = await open([reset, answer(204)], { peer: { reliableCacheMinutes: 60 } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    const { fence, facts } = (await store.get(id))!;
    await store.update({ id, fence }, { facts, isFinished: false, dueInMs: 59.5 * minute });
    pass(59.5 * minute);
    await outbox.run();

    expect(await stateOf(id)).toEqual(['uncertain', 'transport.failed']);
    expect(server.requests).toHaveLength(1);
  });

  it.each<[minutes: number, answered: string, status: number | undefined, attemptsAtSeconds: readonly number[]]>([
    [0.9, 'had no answer', undefined, [0]],
    [1, 'had no answer', undefined, [0]],
    [2, 'had no answer', undefined, [0, 25, 50]],
    [1, 'was answered 503 each time', 503, [0, 25, 50, 75]],
  ])('is not sent in that minute by its first send either: of %d min, where it %s', async (reliableCacheMinutes, _, status, attemptsAtSeconds) => {
    const startMs = 1_700_000_000_000;
    let timeMs = startMs;
    const sent: number[] = [];
    const transport: Transport = () => {
      sent.push((timeMs - startMs) / 1000);
      timeMs += 25_000;
      return status === undefined ? Promise.reject(new MessagingError('transport.failed', 'reset', { delivery: 'unknown' })) : Promise.resolve({ status, body: undefined });
    };
    const options = { now: () => timeMs, peer: { reliableCacheMinutes } };
    const messaging = { ...options, transport, retry: { maxAttempts: 4, initialDelayMs: 0 } };
    const { outbox, states } = await open([], { ...options, leaseMs: 10 * minute, store: memoryOutboxStore(() => timeMs) }, messaging);
    await outbox.enqueue(messageOf());
    await outbox.run();

    expect(sent).toEqual(attemptsAtSeconds);
    timeMs += status === undefined ? 10 * minute : 0;
    await outbox.run();
    expect(sent).toEqual(attemptsAtSeconds);
    expect(await states()).toEqual([status === undefined ? 'uncertain' : 'pending']);
  });

  it.each<[category: MessageCategory, answer: string, state: string]>([
    ['currency', 'fatal-error', 'rejected'],
    ['notification', 'fatal-error', 'rejected'],
    ['notification', '422', 'uncertain'],
  ])('and may be repeated, as a %s: its last reply counts, and a status is none (%s)', async (category, last, state) => {
    const fatal = serve(receiverOf([], { code: () => 'fatal-error' }));
    const { outbox, pass, states } = await open([reset, last === '422' ? answer(422) : fatal], { events: [admission(category)] });
    await outbox.enqueue(messageOf(category));
    await outbox.run();
    expect((await outbox.list()).entries).toMatchObject([{ state: 'pending', mayHaveArrived: true }]);
    pass(minute);
    await outbox.run();

    expect(await states()).toEqual([state]);
  });

  it('is uncertain once the peer may have forgotten it, and never sent by itself', async () => {
    const { outbox, pass, stateOf, server } = await open([reset], { peer: { reliableCacheMinutes: 60 } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    pass(60 * minute);
    for (let round = 0; round < 5; round += 1) {
      await outbox.run();
      pass(60 * minute);
    }

    expect(await stateOf(id)).toEqual(['uncertain', 'transport.failed']);
    expect(server.requests).toHaveLength(1);
  });

  it('is sent once more though the peer may have forgotten it, where somebody asks for that', async () => {
    const { outbox, pass, states, server } = await open([reset, answer(204)], { peer: { reliableCacheMinutes: 60 } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    pass(60 * minute);
    await outbox.run();
    expect(await states()).toEqual(['uncertain']);
    await outbox.retry(id);
    await outbox.run();

    expect(await states()).toEqual(['replied']);
    expect(server.requests).toHaveLength(2);
  });

  describe('whose sender was frozen until the peer may have forgotten it', () => {
    /** A clock that everybody goes by, and a machine that sleeps ten minutes of it when it is told to. */
    function machine() {
      const timers = new Set<() => void>();
      const clock = { timeMs: 1_700_000_000_000, sleepsMs: 0 };
      const sleepNow = (): void => {
        clock.timeMs += clock.sleepsMs;
        clock.sleepsMs = 0;
      };
      const options = { now: () => clock.timeMs, peer: { reliableCacheMinutes: 30 } };
      return {
        clock,
        sleepNow,
        options,
        store: memoryOutboxStore(() => clock.timeMs),
        startTimer: (_: number, run: () => void) => (timers.add(run), () => void timers.delete(run)),
        /** Of all timers that are late the lease's may come first. */
        backOff: async (delayMs: number): Promise<void> => {
          sleepNow();
          clock.timeMs += delayMs;
          for (const run of [...timers]) run();
          await new Promise((resolve) => void setImmediate(resolve));
        },
      };
    }

    /** A message whose first send was lost, looked at again 28 minutes later, by a process that sleeps for ten. */
    async function lookedAtAsleep({ clock, options, startTimer }: ReturnType<typeof machine>, store: OutboxStore) {
      const opened = await open([reset, answer(204)], { ...options, startTimer, store }, options);
      const { id } = await opened.outbox.enqueue(messageOf());
      await opened.outbox.run();
      clock.timeMs += 28 * minute;
      clock.sleepsMs = 10 * minute;
      await opened.outbox.run();
      return { ...opened, id };
    }

    it('between its claim and the send is not sent', async () => {
      const asleep = machine();
      const { store, sleepNow } = asleep;
      const { outbox, stateOf, server, id } = await lookedAtAsleep(asleep, { ...store, claim: (asked) => store.claim(asked).finally(sleepNow) });
      await outbox.run();

      expect(await stateOf(id)).toEqual(['uncertain', 'transport.timeout']);
      expect(server.requests).toHaveLength(1);
    });

    it('while the store stored that it is being sent is not sent', async () => {
      const asleep = machine();
      const { clock, store, backOff } = asleep;
      const { outbox, stateOf, server, id } = await lookedAtAsleep(asleep, { ...store, update: (...of) => store.update(...of).finally(() => backOff(0)) });
      clock.timeMs += 2 * minute;
      await outbox.run();

      expect(await stateOf(id)).toEqual(['uncertain', 'transport.timeout']);
      expect(server.requests).toHaveLength(1);
    });

    it('between two attempts is not sent again', async () => {
      const { clock, store, options, startTimer, backOff } = machine();
      const { outbox, another, stateOf, server } = await open([reset, answer(503, '', { 'retry-after': '20' }), answer(204)], { ...options, startTimer, store }, options);
      const { id } = await outbox.enqueue(messageOf());
      await outbox.run();
      clock.timeMs += 28 * minute;
      clock.sleepsMs = 4 * minute;
      await another({}, { sleep: backOff, retry: { maxAttempts: 2 } }).run();
      clock.timeMs += 2 * minute;
      await outbox.run();

      expect(await stateOf(id)).toEqual(['uncertain', 'transport.timeout']);
      expect(server.requests).toHaveLength(2);
    });
  });

  it('is not sent without a wait when the peer is about to forget it: it is looked at again when that has', async () => {
    const { outbox, pass, stateOf, server } = await open([reset, answer(503)], { peer: { reliableCacheMinutes: 30 }, random: () => 0.9 });
    const { id } = await outbox.enqueue(messageOf());
    for (let second = 0; second < 40 * 60; second += 10) {
      await outbox.run();
      pass(10_000);
    }

    expect(await stateOf(id)).toEqual(['uncertain', 'transport.status']);
    expect(server.requests.length).toBeLessThan(15);
  });

  it('waits for no hook that does not answer when the outbox is closed', async () => {
    const { another, pass, server } = await open([reset]);
    const outbox = another({ peer: { reliableCacheMinutes: 2 }, confirm: () => new Promise(() => undefined) });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    pass(10 * minute);
    const running = outbox.run();
    await new Promise((resolve) => void setImmediate(resolve));
    await outbox.close();
    await running;

    expect((await outbox.list()).entries).toMatchObject([{ id, state: 'pending', reason: 'closed', mayHaveArrived: true, isLeased: false }]);
    expect(server.requests).toHaveLength(1);
  });

  it('is asked about by the next process, where the outbox is closed while that is asked after a send', async () => {
    let tellAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => (tellAsked = resolve));
    const confirm = (): Promise<'processed'> => (tellAsked(), new Promise(() => undefined));
    const { outbox, another, stateOf, server } = await open([answer(200, '')], { confirm, peer: { reliableCacheMinutes: 60 }, maxSends: 1 });
    const { id } = await outbox.enqueue(messageOf());
    const running = outbox.run();
    await asked;
    await outbox.close();
    await running;
    expect((await outbox.list()).entries).toMatchObject([{ state: 'pending', reason: 'closed', mayHaveArrived: true, isLeased: false }]);

    await another({ confirm: () => Promise.resolve('processed') }).run();
    expect(await stateOf(id)).toEqual(['replied', 'confirmed']);
    expect(server.requests).toHaveLength(1);
  });

  it('is uncertain where the clock was set back: nobody knows how long ago it left', async () => {
    const { outbox, pass, store, stateOf, server } = await open([reset], { peer: { reliableCacheMinutes: 60 } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    pass(-minute);
    const { fence, facts } = (await store.get(id))!;
    await store.update({ id, fence }, { facts, isFinished: false, dueInMs: 0 });
    await outbox.run();

    expect(await stateOf(id)).toEqual(['uncertain', 'transport.failed']);
    expect(server.requests).toHaveLength(1);
  });

  it.each(['notification', 'currency'] as const)('of category %s is sent again, under a fresh Bundle.id (R4)', async (category) => {
    const bodies: { id: string; header: string }[] = [];
    const keep = (after: Step): Step => (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const bundle = JSON.parse(Buffer.concat(chunks).toString()) as { id: string; entry: { resource: { id: string } }[] };
        bodies.push({ id: bundle.id, header: bundle.entry[0]!.resource.id });
      });
      void after(incoming, outgoing);
    };
    const { outbox, pass, states } = await open([keep(reset), keep(answer(204))], { events: [admission(category)] });
    await outbox.enqueue(messageOf(category));
    await outbox.run();
    pass(minute);
    await outbox.run();

    expect(await states()).toEqual(['replied']);
    expect(bodies[1]!.header).toBe(bodies[0]!.header);
    expect(bodies[1]!.id).not.toBe(bodies[0]!.id);
  });

  it.each<[says: 'processed' | 'not-processed' | 'unknown', state: string, requests: number]>([
    ['processed', 'replied', 1],
    ['not-processed', 'replied', 2],
    ['unknown', 'uncertain', 1],
  ])('is asked about where there is a status check: %s', async (says, state, requests) => {
    const asked: string[] = [];
    const { outbox, states, server } = await open([reset, answer(204)], {
      confirm: (message, entry) => {
        asked.push(`${idOf(message)} ${entry.mayHaveArrived}`);
        return Promise.resolve(says);
      },
    });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    await outbox.run();

    expect(await states()).toEqual([state]);
    expect(asked).toEqual([`${id} true`]);
    expect(server.requests).toHaveLength(requests);
  });

  it.each<[answered: string, steps: readonly Step[], maxSends: number, ifNot: readonly [state: string, reason: string | undefined], requests: number]>([
    ['200 without its reply', [answer(200, ''), answer(204)], 50, ['replied', undefined], 2],
    ['a page with 200 that is none', [answer(200, '<html>', { 'content-type': 'text/html' }), answer(204)], 50, ['replied', undefined], 2],
    ['nothing, then 422', [reset, answer(422)], 50, ['rejected', 'http.422'], 2],
    ['500 as often as there is patience', [answer(500)], 2, ['dead', 'transport.status'], 2],
  ])('is asked about before a person is, where what it was answered leaves a question: %s', async (_, steps, maxSends, ifNot, requests) => {
    for (const [says, end] of [['processed', ['replied', 'confirmed']], ['not-processed', ifNot]] as const) {
      let asked = 0;
      const confirm = () => ((asked += 1), Promise.resolve(says));
      const { outbox, pass, stateOf, server } = await open(steps, { maxSends, confirm, peer: { reliableCacheMinutes: 60 } });
      const { id } = await outbox.enqueue(messageOf());
      for (let round = 0; round < 5; round += 1) {
        await outbox.run();
        pass(minute);
      }

      expect(await stateOf(id)).toEqual(end);
      expect(asked).toBe(1);
      if (says === 'not-processed') expect(server.requests).toHaveLength(requests);
      await bench?.stop();
    }
  });

  it.each<[says: 'processed' | 'not-processed' | 'unknown', end: readonly [string, string | undefined], requests: number]>([
    ['processed', ['replied', 'confirmed'], 1],
    ['not-processed', ['replied', undefined], 2],
    ['unknown', ['uncertain', 'transport.failed'], 1],
  ])('is asked about again where the status check failed, at the pace of the longest wait: %s', async (says, end, requests) => {
    let asked = 0;
    const confirm = () => ((asked += 1) > 2 ? Promise.resolve(says) : Promise.reject(new Error('no network')));
    const { outbox, pass, stateOf, server } = await open([reset, answer(204)], { confirm });
    const { id } = await outbox.enqueue(messageOf());
    for (const times of [1, 2]) {
      await outbox.run();
      await outbox.run();
      expect(asked).toBe(times);
      expect(await stateOf(id)).toEqual(['uncertain', 'transport.failed']);
      expect(server.requests).toHaveLength(1);
      pass(5 * minute);
    }
    await outbox.run();
    pass(60 * minute);
    await outbox.run();

    expect(asked).toBe(3);
    expect(await stateOf(id)).toEqual(end);
    expect(server.requests).toHaveLength(requests);
  });

  it.each<[says: 'processed' | 'not-processed', end: string, requests: number]>([
    ['processed', 'replied', 2],
    ['not-processed', 'replied', 3],
  ])('is asked about again, and not sent instead, though the peer would recognise it: %s', async (says, end, requests) => {
    let isUp = false;
    const confirm = () => (isUp ? Promise.resolve(says) : Promise.reject(new Error('no network')));
    const { outbox, pass, states, server } = await open([reset, answer(422), answer(204)], { confirm, peer: { reliableCacheMinutes: 600 } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    pass(minute);
    for (let round = 0; round < 3; round += 1) {
      await outbox.run();
      expect(await states()).toEqual(['uncertain']);
      pass(5 * minute);
    }
    expect(server.requests).toHaveLength(2);
    isUp = true;
    await outbox.run();

    expect(await states()).toEqual([end]);
    expect(server.requests).toHaveLength(requests);
    expect((await outbox.read(id))?.issues).toEqual([]);
  });

  it('stays the question that its answer left where the outbox is closed while that is asked about again', async () => {
    let asked = 0;
    const confirm = (): Promise<'processed'> => ((asked += 1) > 1 ? new Promise(() => undefined) : Promise.reject(new Error('no network')));
    const { outbox, another, pass, stateOf } = await open([reset, answer(422)], { confirm, peer: { reliableCacheMinutes: 4 } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    pass(minute);
    await outbox.run();
    pass(5 * minute);
    const running = outbox.run();
    await expect.poll(() => asked).toBe(2);
    await outbox.close();
    await running;
    expect(await stateOf(id)).toEqual(['uncertain', 'http.422']);
    expect((await outbox.read(id))?.reply).toBeUndefined();

    pass(5 * minute);
    await another({ confirm: () => Promise.resolve('processed') }).run();
    expect(await stateOf(id)).toEqual(['replied', 'confirmed']);
  });

  it('stays a question where the status check failed and the account is signed out then: it is asked about when somebody signs in', async () => {
    let signedIn: Account | undefined = account;
    let isUp = false;
    const confirm = (): Promise<'processed'> => (isUp ? Promise.resolve('processed') : Promise.reject(new Error('no network')));
    const { outbox, pass, stateOf, server } = await open([reset, answer(422)], { confirm, peer: { reliableCacheMinutes: 600 }, signedIn: () => signedIn });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    pass(minute);
    await outbox.run();
    [signedIn, isUp] = [undefined, true];
    pass(5 * minute);
    await outbox.run();
    expect(await stateOf(id)).toEqual(['uncertain', 'http.422']);

    signedIn = account;
    pass(5 * minute);
    await outbox.run();
    expect(await stateOf(id)).toEqual(['replied', 'confirmed']);
    expect(server.requests).toHaveLength(2);
  });

  it('is not sent for ever where what comes of it cannot be stored: as often as `maxSends` says, like any other', async () => {
    let time = 1_700_000_000_000;
    const own = memoryOutboxStore(() => time);
    const store = { ...own, update: (...[hold, change]: Parameters<typeof own.update>) => (change.reply ? Promise.reject(new MessagingError('storage.unavailable', 'The disk is full.')) : own.update(hold, change)) };
    const { outbox, stateOf, server } = await open([serve(receiverOf([]))], { store, maxSends: 3, peer: { reliableCacheMinutes: 1440 } });
    const { id } = await outbox.enqueue(messageOf());
    for (let round = 0; round < 10; round += 1) {
      await codeOf(outbox.run());
      time += minute;
    }

    expect(server.requests).toHaveLength(3);
    expect(await stateOf(id)).toEqual(['uncertain', 'delivery.unknown']);
  });

  it('is not sent again by itself where it lacks the name by which the peer would recognise it', async () => {
    const identity = { ...r4, name: 'own', message: ['Bundle.identifier' as const] };
    const { outbox, pass, states, server } = await open([reset, answer(204)], { identity, peer: { reliableCacheMinutes: 60 } }, { identity });
    await outbox.enqueue(messageOf());
    await outbox.run();
    pass(minute);
    await outbox.run();

    expect(await states()).toEqual(['uncertain']);
    expect(server.requests).toHaveLength(1);
  });

  it.each<[decision: 'processed' | 'not-processed', requests: number]>([['processed', 1], ['not-processed', 2]])('is what a person decides: %s', async (decision, requests) => {
    const { outbox, states, server } = await open([reset, answer(204)]);
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    expect(await outbox.decide(id, decision)).toBe(true);
    await outbox.run();

    expect(await states()).toEqual(['replied']);
    expect(server.requests).toHaveLength(requests);
  });

  it('is sent again once when a person retries it, and is uncertain again when nobody answers that either', async () => {
    const { outbox, states, server } = await open([reset]);
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    expect(await outbox.retry(id)).toBe(true);
    await outbox.run();
    await outbox.run();

    expect(await states()).toEqual(['uncertain']);
    expect(server.requests).toHaveLength(2);
  });

  it('and whose retry dies in the middle is not sent a third time by itself: what a person allows is one send', async () => {
    const { outbox, another, pass, states, server } = await open([reset, silence, answer(204)]);
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    await outbox.retry(id);
    const never = outbox.run();
    await expect.poll(() => server.requests.length).toBe(2);
    pass(30_000);
    const next = another();
    await next.run();
    await next.run();

    expect(await states(next)).toEqual(['uncertain']);
    expect(server.requests).toHaveLength(2);
    await outbox.close();
    await never;
  });

  it('and is refused at last is uncertain, not rejected: the first one may have been processed', async () => {
    const { outbox, pass, stateOf } = await open([reset, answer(422)], { peer: { reliableCacheMinutes: 60 } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    pass(minute);
    await outbox.run();

    expect(await stateOf(id)).toEqual(['uncertain', 'http.422']);
  });

  it.each<[peer: string, reliableCacheMinutes: number | undefined, state: string]>([
    ['is known to recognise it: sent again', 60, 'replied'],
    ['is not: uncertain', undefined, 'uncertain'],
  ])('because its sender died in the middle, when the peer %s', async (_, reliableCacheMinutes, state) => {
    const { outbox, another, pass, states, server } = await open([silence, answer(204)], { peer: { reliableCacheMinutes } });
    await outbox.enqueue(messageOf());
    const never = outbox.run();
    await expect.poll(() => server.requests.length).toBe(1);
    expect(await states()).toEqual(['sending']);
    const next = another();
    await next.run();
    expect(server.requests).toHaveLength(1);

    pass(30_000);
    await next.run();
    expect(await states(next)).toEqual([state]);
    expect(server.requests).toHaveLength(state === 'replied' ? 2 : 1);
    await outbox.close();
    await never;
    expect(await states(next)).toEqual([state]);
  });

  it.each<[when: string, frozenMs: number, takenOver: boolean]>([
    ['runs out while it is frozen sends nothing more: a person had it sent by another', 30_000, true],
    ['holds goes on', 10_000, false],
  ])('and whose sender’s lease %s', async (_, frozenMs, takenOver) => {
    const seen: string[] = [];
    const message = messageOf();
    let time = 0;
    const freeze = async (): Promise<void> => {
      time += frozenMs;
      bench?.pass(frozenMs);
      const other = bench?.another();
      await other?.run();
      expect(await other?.retry(idOf(message))).toBe(takenOver);
      await other?.run();
    };
    const { another, server, states } = await open([answer(503), serve(receiverOf(seen, { cache: false }))]);
    const outbox = another({ now: () => time }, { retry: { maxAttempts: 4 }, sleep: freeze, now: () => time });
    await outbox.enqueue(message);
    await outbox.run();

    expect(await states()).toEqual(['replied']);
    expect(seen).toHaveLength(1);
    expect(server.requests).toHaveLength(2);
  });

  it('since the application itself was sending it, and an attempt before the outbox came to it was not answered', async () => {
    const message = messageOf();
    let joined: Promise<void> | undefined;
    const seen: string[] = [];
    const { another, server, store } = await open([reset, serve(receiverOf(seen, { code: () => 'transient-error' }))]);
    const messenger = createMessenger({
      transport: processMessageTransport({ baseUrl: server.url }),
      retry: { maxAttempts: 2, whenDeliveryUnknown: 'always' },
      async sleep() {
        joined = outbox.run();
        await expect.poll(async () => (await store.get(idOf(message)))?.facts.state).toBe('sending');
      },
    });
    const outbox = another({ messenger });
    await outbox.enqueue(message);
    expect((await messenger.send(message)).kind).toBe('transient-error');
    await joined;

    expect((await outbox.list()).entries).toMatchObject([{ sends: 1, mayHaveArrived: true }]);
    expect(server.requests).toHaveLength(2);
  });

  it('because the outbox was closed in the middle is left to the next one', async () => {
    const { outbox, another, server } = await open([silence]);
    const { id } = await outbox.enqueue(messageOf());
    const run = outbox.run();
    await expect.poll(() => server.requests.length).toBe(1);
    await outbox.close();
    await run;

    const next = another();
    expect((await next.list()).entries).toMatchObject([{ id, state: 'pending', mayHaveArrived: true, isLeased: false }]);
    await next.run();
    expect((await next.list()).entries).toMatchObject([{ id, state: 'uncertain' }]);
  });
});
