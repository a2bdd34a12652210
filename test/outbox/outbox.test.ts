import { createMessage, createMessenger, createReply, defineEvent, isMessagingError, memoryPendingStore, MessagingError, processMessageTransport, r4, readMessage } from '@fhir-messaging/core';
import type { FullOutboxRecord, Message, MessageCategory, Peer, Transport } from '@fhir-messaging/core';
import { keepSending, memoryOutboxStore } from '@fhir-messaging/outbox';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answer, dropReply, reset, silence, source } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import type { Account } from '@fhir-messaging/outbox';
import { bench, open } from './open-bench.ts';
import { account, admission, idOf, messageOf, receiverOf, serve } from './outbox-under-test.ts';

const minute = 60_000;
/** What a peer answers that has a message, and is processing it. */
const locked = JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'lock-error' }] });
const first = '5b1c4a1e-0001-4d5c-9a53-0f3f0d0f0f0f';

const codeOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => (isMessagingError(error) ? error.code : error));

/** A message about a patient of that name, in order with others about the same. */
const about = (fullUrl: string): Message =>
  createMessage(admission(), { Patient: { fullUrl, resource: { resourceType: 'Patient', name: [{ family: 'Miller' }] } } }, { source });

describe('enqueue', () => {
  it('resolves with an entry that another process finds, before anything is sent', async () => {
    const { outbox, another, server } = await open([answer(204)]);
    const message = messageOf();
    const entry = await outbox.enqueue(message);

    expect(entry).toMatchObject({ id: idOf(message), state: 'pending', sends: 0, mayHaveArrived: false, event: { coding: { code: 'admit' } } });
    expect((await another().list()).entries).toEqual([entry]);
    expect((await another().read(entry.id))?.message?.bytes).toEqual(message.bytes);
    expect(server.requests).toEqual([]);
  });

  it('the same message twice is one entry; another one under its id is refused with entry.duplicate', async () => {
    const { outbox, states } = await open([answer(204)]);
    const counting = (): (() => string) => {
      let count = 0;
      return () => `5b1c4a1e-0001-4d5c-9a53-${String((count += 1)).padStart(12, '0')}`;
    };
    const message = messageOf('consequence', { newId: counting() });
    await outbox.enqueue(message);

    expect(await outbox.enqueue(message)).toMatchObject({ id: idOf(message) });
    const other = messageOf('consequence', { newId: counting(), header: { reason: { text: 'x' } } });
    expect(await codeOf(outbox.enqueue(other))).toBe('entry.duplicate');
    expect(await states()).toEqual(['pending']);
  });

  it('a message that nothing names is known by its bytes: twice is one entry, and never sent again for want of an answer', async () => {
    const { outbox, pass, states, server } = await open([reset, answer(204)], { peer: { reliableCacheMinutes: 60 } });
    const { id: _, ...bundle } = messageOf().bundle;
    const entry = bundle.entry!.map((each, place) => (place === 0 ? { fullUrl: 'https://b.example.org/MessageHeader/1', resource: { ...each.resource!, id: undefined } } : each));
    const nameless = readMessage(JSON.stringify({ ...bundle, entry }), { events: [admission()] });
    expect(nameless.identity.message).toBeUndefined();
    const { id } = await outbox.enqueue(nameless);

    expect((await outbox.enqueue(readMessage(nameless.bytes))).id).toBe(id);
    await outbox.run();
    pass(minute);
    await outbox.run();
    expect(await states()).toEqual(['uncertain']);
    expect(server.requests).toHaveLength(1);
  });

  const note = (reply?: 'never') => defineEvent({ coding: { system: 'https://example.org/events', code: 'note' }, focus: ['Patient'], payload: { Patient: '1..1' }, category: 'notification', reply } as const);
  const noteOf = (event = note('never')): Message => createMessage(event, { Patient: { resourceType: 'Patient' } }, { source });

  it('a message of a contract that the outbox was not given keeps its category: a later process repeats a notification, and no message without a contract', async () => {
    const { another, pass, states, server } = await open([reset, reset, reset]);
    const outbox = another({ events: undefined });
    await outbox.enqueue(noteOf());
    await outbox.enqueue(readMessage(noteOf().bytes));
    await outbox.run();
    expect((await outbox.list()).entries).toMatchObject([{ state: 'pending', mayHaveArrived: true }, { state: 'uncertain' }]);

    pass(10 * minute);
    await another({ events: undefined }).run();
    expect(await states()).toEqual(['pending', 'uncertain']);
    expect(server.requests).toHaveLength(3);
  });

  it('and the reply that it wants: none in a later process either, so what follows it goes, and it is never overdue', async () => {
    const { another, pass, states } = await open([answer(202), answer(202)]);
    const { id } = await another({ events: undefined }).enqueue(noteOf());
    await another({ events: undefined }).enqueue(noteOf(), { after: id });
    await another({ events: undefined }).run();
    expect(await states()).toEqual(['accepted', 'accepted']);

    pass(48 * 60 * minute);
    await another({ events: undefined }).run();
    expect(await states()).toEqual(['accepted', 'accepted']);
  });

  it('a message that came without a contract is read by none that another one came with', async () => {
    const { another, states } = await open([answer(204), answer(204)]);
    const outbox = another({ events: undefined });
    const strict = defineEvent({ coding: { system: 'https://example.org/events', code: 'note' }, focus: ['Observation'], payload: { Observation: '1..1' }, category: 'notification' } as const);
    await outbox.enqueue(readMessage(noteOf().bytes));
    await outbox.enqueue(createMessage(strict, { Observation: { resourceType: 'Observation', status: 'final', code: {} } }, { source }));
    await outbox.run();

    expect(await states()).toEqual(['replied', 'replied']);
  });

  it('is not begun with async: false beside a responseUrl, which no message could be sent with: a TypeError at creation', async () => {
    const { another } = await open([]);

    expect(() => another({ async: false, responseUrl: 'https://app.example.org/replies' })).toThrow(new TypeError('createOutbox: async is false, with a responseUrl.'));
    expect(() => another({ responseUrl: 'https://app.example.org/replies' })).not.toThrow();
  });

  it('of one event that the outbox was not given, a second contract that says something else is refused with a TypeError', async () => {
    const { another, states } = await open([]);
    const outbox = another({ events: undefined });
    await outbox.enqueue(noteOf());
    await outbox.enqueue(noteOf());

    await expect(outbox.enqueue(noteOf(note()))).rejects.toThrow(TypeError);
    await another({ events: [note()] }).enqueue(noteOf());
    await outbox.enqueue(readMessage(messageOf().bytes));
    expect(await states()).toEqual(['pending', 'pending', 'pending', 'pending']);
  });

  it('in order with what it follows, whose key no other replaces: a TypeError', async () => {
    const { outbox } = await open([answer(204)]);
    const { id, key } = await outbox.enqueue(messageOf());

    expect((await outbox.enqueue(messageOf(), { after: id })).key).toBe(key);
    expect((await outbox.enqueue(messageOf(), { after: id, key })).key).toBe(key);
    await expect(outbox.enqueue(messageOf(), { after: id, key: 'mine' })).rejects.toThrow(TypeError);
    expect((await outbox.list()).entries).toHaveLength(3);
  });

  it('promises nothing where messages are not kept as safely as asked for: storage.unavailable', async () => {
    const { another } = await open([answer(204)]);
    const outbox = another({ atLeast: undefined });

    expect(await outbox.durability).toBe('ephemeral');
    expect(await codeOf(outbox.enqueue(messageOf()))).toBe('storage.unavailable');
    expect((await outbox.list()).entries).toEqual([]);
  });

  it('after an entry that is not there, or is another account’s, is refused with entry.unknown', async () => {
    const { outbox, another } = await open([answer(204)]);
    const { id } = await outbox.enqueue(messageOf());
    const theirs = another({ account: { ...account, user: 'Practitioner/2' } });

    expect(await codeOf(outbox.enqueue(messageOf(), { after: 'nothing' }))).toBe('entry.unknown');
    expect(await codeOf(theirs.enqueue(messageOf(), { after: id }))).toBe('entry.unknown');
  });
});

describe('what an answer makes of an entry', () => {
  const fatal: Step = serve(receiverOf([], { code: () => 'fatal-error' }));
  it.each<[says: string, step: Step, state: string, reason: string | undefined, mayHaveArrived: boolean]>([
    ['a reply that says ok', serve(receiverOf([])), 'replied', undefined, false],
    ['a fatal-error reply', fatal, 'rejected', 'fatal-error', false],
    ['204: done, and no reply expected', answer(204), 'replied', undefined, false],
    ['202: custody', answer(202), 'accepted', undefined, false],
    ['400', answer(400), 'rejected', 'http.400', false],
    ['401: somebody has to sign in', answer(401), 'waiting', 'http.401', false],
    ['503: surely not processed', answer(503), 'pending', 'transport.status', false],
    ['500: it may have been processed', answer(500), 'uncertain', 'transport.status', true],
    ['a reset: it may have arrived', reset, 'uncertain', 'transport.failed', true],
    ['200 without the reply that it should carry', answer(200, ''), 'uncertain', 'reply.invalid', true],
  ])('%s', async (_, step, state, reason, mayHaveArrived) => {
    const { outbox, server } = await open([step]);
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();

    expect((await outbox.list()).entries).toMatchObject([{ id, state, reason, mayHaveArrived, isLeased: false }]);
    expect(server.requests).toHaveLength(1);
  });

  it('the reply, and what a refusal said, are kept to be read', async () => {
    const outcome = '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":"no such bed"}]}';
    const { outbox } = await open([serve(receiverOf([])), answer(422, outcome)]);
    const first = await outbox.enqueue(messageOf());
    await outbox.run();
    const second = await outbox.enqueue(messageOf());
    await outbox.run();

    expect((await outbox.read(first.id))?.reply?.graph.header?.resourceType).toBe('MessageHeader');
    expect(await outbox.read(second.id)).toMatchObject({ reply: undefined, issues: [{ severity: 'error', code: 'invalid', diagnostics: 'no such bed' }] });
  });

  it('401 ends the run: no other message is tried in vain, and all of them go once somebody signed in', async () => {
    const { outbox, server, states } = await open([answer(401), answer(204)]);
    await outbox.enqueue(messageOf());
    await outbox.enqueue(messageOf());
    await outbox.run();
    expect(server.requests.length).toBeLessThanOrEqual(2);

    await outbox.run();
    expect(await states()).toEqual(['replied', 'replied']);
  });

  it('401 to some for ever does not keep back the others: they are tried less and less often', async () => {
    const transport: Transport = ({ message }) => Promise.resolve({ status: refused.has(idOf(message)) ? 401 : 204, body: undefined });
    const messages = Array.from({ length: 5 }, () => messageOf());
    const refused = new Set(messages.slice(0, 4).map(idOf));
    const { outbox, pass, states } = await open([], {}, { transport });
    for (const message of messages) await outbox.enqueue(message);
    for (let round = 0; round < 10; round += 1) {
      await outbox.run();
      pass(minute);
    }

    expect(await states()).toEqual([...Array(4).fill('waiting'), 'replied']);
  });

  it('what surely did not arrive is tried again later, then less and less often, and is dead in the end; then retry begins anew', async () => {
    const { outbox, pass, stateOf, server } = await open([answer(503), answer(503), answer(503), answer(204)], { maxSends: 3 });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    await outbox.run();
    expect(server.requests).toHaveLength(1);
    pass(2_500);
    await outbox.run();
    expect(server.requests).toHaveLength(2);
    pass(2_500);
    await outbox.run();
    expect(server.requests).toHaveLength(2);
    pass(2_500);
    await outbox.run();
    expect(await stateOf(id)).toEqual(['dead', 'transport.status']);

    expect(await outbox.retry(id)).toBe(true);
    await outbox.run();
    expect(await stateOf(id)).toEqual(['replied', undefined]);
  });
});

describe('what nobody heard of', () => {
  it('is never given up for want of a connection: it goes when there is one again', async () => {
    let isThere = false;
    const transport: Transport = () => (isThere ? Promise.resolve({ status: 204, body: undefined }) : Promise.reject(new MessagingError('transport.failed', 'The connection failed.', { delivery: 'no' })));
    const { outbox, pass, stateOf } = await open([], { maxSends: 3 }, { transport });
    const { id } = await outbox.enqueue(messageOf());
    for (let round = 0; round < 20; round += 1) {
      await outbox.run();
      pass(5 * minute);
    }
    expect(await stateOf(id)).toEqual(['pending', 'transport.failed']);
    isThere = true;
    await outbox.run();

    expect(await stateOf(id)).toEqual(['replied', undefined]);
  });

  it.each([
    ['the browser does not say whether it left', undefined, 'transport.failed'],
    ['no answer came in time', new MessagingError('transport.timeout', 'No answer.', { delivery: 'unknown' }), 'transport.timeout'],
  ])('nor where %s: a message that may be repeated, and one that its peer recognises, for as long as it does', async (_, error, reason) => {
    for (const [category, state] of [['notification', 'pending'], ['consequence', 'uncertain']] as const) {
      const transport: Transport = () => Promise.reject(error ?? new TypeError('Failed to fetch'));
      const { outbox, pass, stateOf } = await open([], { maxSends: 3, events: [admission(category)], peer: { reliableCacheMinutes: 120 } }, { transport });
      const { id } = await outbox.enqueue(messageOf(category));
      for (let round = 0; round < 20; round += 1) {
        await outbox.run();
        pass(5 * minute);
      }
      expect(await stateOf(id)).toEqual(['pending', reason]);
      for (let round = 0; round < 20; round += 1) {
        await outbox.run();
        pass(5 * minute);
      }
      expect(await stateOf(id)).toEqual([state, reason]);
      await bench?.stop();
    }
  });

  it('nor where the messenger cannot remember that it sends it', async () => {
    let isAway = true;
    const own = memoryPendingStore();
    const pending: typeof own = { ...own, put: (record) => (isAway ? Promise.reject(new MessagingError('storage.unavailable', 'The database is away.')) : own.put(record)) };
    const { outbox, pass, stateOf } = await open([answer(204)], { maxSends: 3 }, { pending });
    const { id } = await outbox.enqueue(messageOf());
    for (let round = 0; round < 20; round += 1) {
      await outbox.run();
      pass(5 * minute);
    }
    expect(await stateOf(id)).toEqual(['pending', 'storage.unavailable']);
    isAway = false;
    await outbox.run();

    expect(await stateOf(id)).toEqual(['replied', undefined]);
  });

  it('goes with the next run after its first 401, however often nobody was there before', async () => {
    let answers: Transport = () => Promise.reject(new MessagingError('transport.failed', 'The connection failed.', { delivery: 'no' }));
    const { outbox, pass, stateOf } = await open([], { random: () => 0.99 }, { transport: (request) => answers(request) });
    const { id } = await outbox.enqueue(messageOf());
    for (let round = 0; round < 20; round += 1) {
      await outbox.run();
      pass(5 * minute);
    }
    answers = () => Promise.resolve({ status: 401, body: undefined });
    await outbox.run();
    expect(await stateOf(id)).toEqual(['waiting', 'http.401']);
    answers = () => Promise.resolve({ status: 204, body: undefined });
    await outbox.run();

    expect(await stateOf(id)).toEqual(['replied', undefined]);
  });

  it('nor for a sign-in that took long: the first hiccup after it is one of as many as ever', async () => {
    const steps = [...Array.from({ length: 10 }, () => answer(401)), answer(503), answer(204)];
    const { outbox, pass, stateOf } = await open(steps, { maxSends: 3 });
    const { id } = await outbox.enqueue(messageOf());
    for (let round = 0; round < 10; round += 1) {
      await outbox.run();
      pass(5 * minute);
    }
    expect(await stateOf(id)).toEqual(['waiting', 'http.401']);
    await outbox.run();
    expect(await stateOf(id)).toEqual(['pending', 'transport.status']);
    pass(5 * minute);
    await outbox.run();

    expect(await stateOf(id)).toEqual(['replied', undefined]);
  });
});

describe('an outbox that is closed', () => {
  it('promises nothing any more: closed', async () => {
    const { outbox, states } = await open([answer(204)]);
    await outbox.close();

    expect(await codeOf(outbox.enqueue(messageOf()))).toBe('closed');
    expect(await states()).toEqual([]);
  });

  it.each<[first: 'messenger' | 'outbox', end: readonly string[]]>([
    ['messenger', ['replied', 'replied']],
    ['outbox', ['uncertain', 'replied']],
  ])('after its sender was stopped in the middle of a send, the %s closed first: the next process finds %j', async (first, end) => {
    let goOn = (): void => undefined;
    const held: Step = (incoming, outgoing) => void (goOn = () => void answer(204)(incoming, outgoing));
    const { another, server, states } = await open([held, answer(204)]);
    const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: server.url }) });
    const outbox = another({ messenger, concurrency: 1 });
    const stop = keepSending(outbox);
    await outbox.enqueue(messageOf());
    await outbox.enqueue(messageOf());
    await expect.poll(() => server.requests.length).toBe(1);
    stop();
    const closed = first === 'messenger' ? messenger.close().then(() => outbox.close()) : outbox.close().then(() => messenger.close());
    goOn();
    await closed;
    expect(server.requests).toHaveLength(1);
    await another().run();

    expect(await states()).toEqual(end);
    expect(server.requests).toHaveLength(2);
  });
});

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

    it('between its claim and the send is not sent', async () => {
      const { clock, sleepNow, store, options, startTimer } = machine();
      const frozen = { ...store, claim: (asked: Parameters<typeof store.claim>[0]) => store.claim(asked).finally(sleepNow) };
      const { outbox, stateOf, server } = await open([reset, answer(204)], { ...options, startTimer, store: frozen }, options);
      const { id } = await outbox.enqueue(messageOf());
      await outbox.run();
      clock.timeMs += 28 * minute;
      clock.sleepsMs = 10 * minute;
      await outbox.run();
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
    const [a1, a2, b1] = [about(`urn:uuid:${first}`), about(`urn:uuid:${first}`), messageOf()];
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
    const [a1, a2, b1] = [about(`urn:uuid:${first}`), about(`urn:uuid:${first}`), messageOf()];
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
    for (const message of [about(`urn:uuid:${first}`), about(`urn:uuid:${first}`)]) await outbox.enqueue(message);
    await outbox.run();

    expect(await states()).toEqual([state, isHeld ? 'pending' : 'replied']);
  });

  it('a message that is blocked behind a rejected one holds back the next of its key, which without `after` would have gone', async () => {
    const { outbox, states, server } = await open([answer(422), answer(204)]);
    const { id, key } = await outbox.enqueue(about(`urn:uuid:${first}`));
    await outbox.enqueue(about(`urn:uuid:${first}`), { after: id });
    await outbox.enqueue(about(`urn:uuid:${first}`), { key });
    await outbox.run();

    expect(await states()).toEqual(['rejected', 'blocked', 'pending']);
    expect(server.requests).toHaveLength(1);
  });
});

describe('accounts', () => {
  const theirAccount = { ...account, user: 'Practitioner/2' };

  it('an entry is sent, shown and changed by the outbox of its account only', async () => {
    const { outbox, another, states, server } = await open([answer(204)]);
    const { id } = await outbox.enqueue(messageOf());
    const theirs = another({ account: theirAccount });
    await theirs.run();

    expect(server.requests).toEqual([]);
    expect(await theirs.list()).toEqual({ entries: [], ofOthers: 1, unreadable: [] });
    expect(await theirs.read(id)).toBeUndefined();
    expect([await theirs.retry(id), await theirs.cancel(id), await theirs.remove(id), await theirs.clear({ discardUnsent: true })]).toEqual([false, false, false, []]);
    expect(await states()).toEqual(['pending']);
  });

  it.each([
    ['issuer', { ...account, issuer: '' }],
    ['baseUrl', { ...account, baseUrl: null }],
    ['clientId', { issuer: 'i', baseUrl: 'b', user: 'u' }],
    ['user', { ...account, user: undefined }],
    ['user', { ...account, user: 7 }],
    ['issuer', {}],
  ])('without a part (%s) are refused with a TypeError that names it: several persons would share one queue', async (part, missing) => {
    const { another } = await open([]);
    const unchecked: object = { account: missing };

    expect(() => another(unchecked)).toThrow(new TypeError(`createOutbox: the account needs ${part}, a text that is not empty.`));
  });

  it('are the same with a slash at the end of their server as without', async () => {
    const slashed = { ...account, baseUrl: `${account.baseUrl}/` };
    const { outbox, another, states } = await open([answer(204)]);
    await outbox.enqueue(messageOf());
    const theirs = another({ account: slashed });
    await theirs.run();

    expect(await states(theirs)).toEqual(['replied']);
    expect(await another({ signedIn: () => slashed }).enqueue(messageOf())).toMatchObject({ state: 'pending' });
  });
});

describe('the session', () => {
  const other = { ...account, user: 'Practitioner/2' };
  const who = (): { signedIn: Account | undefined } => ({ signedIn: account });

  it("of somebody else takes nothing in, and sends nothing of the account's: it waits until that one is back", async () => {
    const session = who();
    const { outbox, stateOf, server } = await open([answer(204)], { signedIn: () => session.signedIn });
    const { id } = await outbox.enqueue(messageOf());
    for (const now of [undefined, other]) {
      session.signedIn = now;
      await outbox.run();
      expect(await stateOf(id)).toEqual(['waiting', 'session.expired']);
    }
    expect(await codeOf(outbox.enqueue(messageOf()))).toBe('session.expired');
    expect(server.requests).toEqual([]);

    session.signedIn = { ...account };
    await outbox.run();
    expect(await stateOf(id)).toEqual(['replied', undefined]);
    expect(server.requests).toHaveLength(1);
  });

  it("of nobody takes messages in for the account, and what follows them: they wait, whoever else signs in, until that one is back", async () => {
    const session: { signedIn: Account | undefined } = { signedIn: undefined };
    const { outbox, states, server } = await open([serve(receiverOf([])), serve(receiverOf([]))], { signedIn: () => session.signedIn });
    const message = messageOf();
    const { id, ...entry } = await outbox.enqueue(message);
    expect(entry).toMatchObject({ state: 'waiting', reason: 'session.expired', sends: 0, mayHaveArrived: false });
    expect(await outbox.enqueue({ event: admission(), graph: message.graph }, { after: id })).toMatchObject({ state: 'waiting', reason: 'session.expired' });
    for (const now of [undefined, other]) {
      session.signedIn = now;
      await outbox.run();
      expect(await states()).toEqual(['waiting', 'waiting']);
    }
    expect(server.requests).toEqual([]);

    session.signedIn = account;
    await outbox.run();
    expect((await outbox.list()).entries).toMatchObject([{ id, state: 'replied' }, { after: id }]);
    expect(server.requests.length).toBeGreaterThan(0);
  });

  it('of nobody hides nothing that comes after it: what follows an uncertain entry is blocked, what stands in line is pending once somebody signed in', async () => {
    const session = who();
    const { outbox, states, stateOf } = await open([reset], { signedIn: () => session.signedIn });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    session.signedIn = undefined;
    const next = await outbox.enqueue({ event: admission(), graph: messageOf().graph }, { after: id });
    const behind = await outbox.enqueue(messageOf(), { key: next.key });
    expect(await states()).toEqual(['uncertain', 'blocked', 'waiting']);

    session.signedIn = account;
    expect(await stateOf(next.id)).toEqual(['blocked', 'predecessor.uncertain']);
    expect(await stateOf(behind.id)).toEqual(['pending', undefined]);
  });

  it('that nobody can tell takes nothing in: it may be somebody else’s', async () => {
    const { outbox, states } = await open([], { signedIn: () => { throw new Error('unknown'); } });

    expect(await codeOf(outbox.enqueue(messageOf()))).toBe('session.expired');
    expect(await states()).toEqual([]);
  });

  it('that changes between the claim and the send, or between two attempts: nothing goes out under the other one', async () => {
    const session = who();
    const change = async (): Promise<void> => void (session.signedIn = other);
    const { outbox, stateOf, server } = await open([answer(503), answer(204)], { signedIn: () => session.signedIn }, { retry: { maxAttempts: 4 }, sleep: change, check: async () => (await change(), []) });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    expect(await stateOf(id)).toEqual(['waiting', 'session.expired']);
    expect(server.requests).toEqual([]);

    const second = await open([answer(503), answer(204)], { signedIn: () => session.signedIn }, { retry: { maxAttempts: 4 }, sleep: change });
    session.signedIn = account;
    const next = await second.outbox.enqueue(messageOf());
    await second.outbox.run();
    expect(await second.stateOf(next.id)).toEqual(['waiting', 'session.expired']);
    expect(second.server.requests).toHaveLength(1);
    await server.stop();
  });

  it.each<[before: string, mayHaveArrived: boolean, first: Transport]>([
    ['a 503', false, () => Promise.resolve({ status: 503, body: undefined })],
    ['a transient-error', false, ({ message }) => Promise.resolve({ status: 200, body: createReply(message, { source: 'https://b.example.org', code: 'transient-error' }).bytes })],
    ['a 503 that says that it is locked, in process', true, () => Promise.resolve({ status: 503, body: new TextEncoder().encode(locked) })],
    ['an attempt that may have arrived', true, () => Promise.reject(new Error('connection reset'))],
  ])('that changes while an attempt after %s waits for its token: it does not leave', async (_, mayHaveArrived, first) => {
    const session = who();
    let [attempts, sent] = [0, 0];
    const transport: Transport = async (outgoing) => {
      if ((attempts += 1) === 2) session.signedIn = other;
      outgoing.onLeaving?.();
      outgoing.signal.throwIfAborted();
      sent += 1;
      return attempts === 1 ? first(outgoing) : { status: 204, body: undefined };
    };
    const { outbox } = await open([], { signedIn: () => session.signedIn }, { transport, retry: { maxAttempts: 2, whenDeliveryUnknown: 'always' } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();

    expect((await outbox.list()).entries).toMatchObject([{ id, state: 'waiting', reason: 'session.expired', mayHaveArrived }]);
    expect([attempts, sent]).toEqual([2, 1]);
  });

  it('that changes before the first attempt leaves: it surely did not, and goes when the account is back', async () => {
    const session = who();
    let sent = 0;
    const transport: Transport = ({ onLeaving, signal }) => {
      if (sent === 0 && session.signedIn === account) session.signedIn = other;
      onLeaving?.();
      signal.throwIfAborted();
      sent += 1;
      return Promise.resolve({ status: 204, body: undefined });
    };
    const { outbox, stateOf } = await open([], { signedIn: () => session.signedIn }, { transport });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    expect((await outbox.list()).entries).toMatchObject([{ state: 'waiting', mayHaveArrived: false }]);

    session.signedIn = { ...account };
    await outbox.run();
    expect(await stateOf(id)).toEqual(['replied', undefined]);
    expect(sent).toBe(1);
  });

  it('that changes while the application itself sends the same message: that one goes on, so it may have arrived', async () => {
    const session = who();
    const message = messageOf();
    const transport: Transport = async ({ onLeaving, signal }) => {
      joined = messenger.send(message);
      await new Promise(setImmediate);
      session.signedIn = other;
      onLeaving?.();
      signal.throwIfAborted();
      return { status: 204, body: undefined };
    };
    let joined: Promise<unknown> | undefined;
    const messenger = createMessenger({ transport, source });
    const { another, states } = await open([]);
    const outbox = another({ messenger, signedIn: () => session.signedIn });
    await outbox.enqueue(message);
    await outbox.run();

    expect(await joined).toMatchObject({ kind: 'processed' });
    expect((await outbox.list()).entries).toMatchObject([{ state: 'waiting', mayHaveArrived: true }]);
    expect(await states()).toHaveLength(1);
  });

  it.each<[when: string, at: 'answer' | 'confirm', asked: readonly string[], step: Step]>([
    ['with an answer that leaves a question', 'answer', ['Practitioner/1'], answer(200, '<html>', { 'content-type': 'text/html' })],
    ['while it is asked what became of that', 'confirm', ['Practitioner/1', 'Practitioner/1'], answer(200, '<html>', { 'content-type': 'text/html' })],
    ['while it is asked before a message is sent again', 'confirm', ['Practitioner/1', 'Practitioner/1'], reset],
  ])('that changes %s: `confirm` is neither asked nor believed as somebody else, but asked when the account is back', async (_, at, expected, step) => {
    const session = who();
    const asked: (string | undefined)[] = [];
    const confirm = (): Promise<'processed' | 'not-processed'> => {
      asked.push(session.signedIn?.user);
      if (at === 'confirm' && asked.length === 1) session.signedIn = other;
      return Promise.resolve(session.signedIn === other ? 'not-processed' : 'processed');
    };
    const change: Step = (incoming, outgoing) => {
      if (at === 'answer') session.signedIn = other;
      return step(incoming, outgoing);
    };
    const { outbox, stateOf, server } = await open([change], { confirm, signedIn: () => session.signedIn });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    await outbox.run();
    expect((await outbox.list()).entries).toMatchObject([{ state: 'waiting', reason: 'session.expired', mayHaveArrived: true }]);
    expect(await outbox.cancel(id)).toBe(false);

    session.signedIn = account;
    await outbox.run();
    expect(asked).toEqual(expected);
    expect(await stateOf(id)).toEqual(['replied', 'confirmed']);
    expect(server.requests).toHaveLength(1);
  });

  it.each<[category: MessageCategory, peer: Peer | undefined]>([
    ['notification', undefined],
    ['currency', undefined],
    ['consequence', { reliableCacheMinutes: 60 }],
  ])('that changes with an answer that leaves a question, of a %s that could be sent again by itself: it stays the question, and nothing is sent', async (category, peer) => {
    const session = who();
    const asked: unknown[] = [];
    const change: Step = (incoming, outgoing) => {
      session.signedIn = other;
      return answer(200, '<html>', { 'content-type': 'text/html' })(incoming, outgoing);
    };
    const confirm = (): Promise<'unknown'> => (asked.push(session.signedIn), Promise.resolve('unknown'));
    const { outbox, stateOf, server } = await open([change], { peer, events: [admission(category)], confirm, signedIn: () => session.signedIn });
    const { id } = await outbox.enqueue(messageOf(category));
    await outbox.run();
    session.signedIn = account;
    await outbox.run();

    expect(await stateOf(id)).toEqual(['uncertain', 'reply.invalid']);
    expect(asked).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  it('that changes while it is asked what became of a message that somebody allowed once more: that leave is used up', async () => {
    const session = who();
    let says: 'unknown' | 'processed' = 'unknown';
    const { outbox, stateOf, server } = await open([answer(200, '')], {
      signedIn: () => session.signedIn,
      confirm() {
        if (server.requests.length === 2) session.signedIn = other;
        return Promise.resolve(says);
      },
    });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    await outbox.retry(id);
    await outbox.run();
    expect(await stateOf(id)).toEqual(['waiting', 'session.expired']);

    [session.signedIn, says] = [account, 'processed'];
    await outbox.run();
    expect(server.requests).toHaveLength(2);
  });

  it('that changes with the word that a message was not processed, which a reply said: a person is asked, who sees that reply', async () => {
    const session = who();
    const message = messageOf();
    const refuse: Step = (_, outgoing) => {
      session.signedIn = other;
      outgoing.writeHead(200).end(createReply(message, { code: 'fatal-error', source: 'https://b.example.org' }).bytes);
    };
    const asked: unknown[] = [];
    const { outbox, stateOf } = await open([reset, refuse], { signedIn: () => session.signedIn, confirm: () => (asked.push(session.signedIn), Promise.resolve('unknown')) });
    const { id } = await outbox.enqueue(message);
    await outbox.run();
    await outbox.retry(id);
    await outbox.run();

    expect(await stateOf(id)).toEqual(['uncertain', 'fatal-error']);
    expect((await outbox.read(id))?.reply?.graph.header?.response?.code).toBe('fatal-error');
    expect(asked).not.toContain(other);
  });

  it('that is gone between two attempts, so that to ask for it fails: nothing goes out under whatever came after it', async () => {
    const session: { signedIn: Account | undefined } = { signedIn: account };
    const signOut = async (): Promise<void> => void (session.signedIn = undefined);
    const { outbox, stateOf, server } = await open([answer(503), answer(204)], { signedIn: () => ({ ...account, user: session.signedIn!.user }) }, { retry: { maxAttempts: 4 }, sleep: signOut });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();

    expect(await stateOf(id)).toEqual(['waiting', 'session.expired']);
    expect(server.requests).toHaveLength(1);
    expect(await codeOf(outbox.enqueue(messageOf()))).toBe('session.expired');
  });
});

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

  it('retry of what was rejected waits for the next of its key while that is being sent', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let [sending, most, sends] = [0, 0, 0];
    const transport: Transport = async () => {
      most = Math.max(most, (sending += 1));
      if ((sends += 1) === 2) await held;
      sending -= 1;
      return { status: sends === 1 ? 422 : 204, body: undefined };
    };
    const { outbox, another, pass, states } = await open([], {}, { transport });
    const [a1, a2] = [about(`urn:uuid:${first}`), about(`urn:uuid:${first}`)];
    await outbox.enqueue(a1);
    await outbox.run();
    await outbox.enqueue(a2);
    const running = outbox.run();
    await expect.poll(() => sends).toBe(2);
    expect(await outbox.retry(idOf(a1))).toBe(true);
    await another().run();
    expect(await states()).toEqual(['pending', 'sending']);
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

describe('watching', () => {
  it('tells of every change what is there by then', async () => {
    const { outbox } = await open([answer(204)]);
    const told: string[][] = [];
    const leave = outbox.subscribe(() => told.push(outbox.getState().entries.map(({ state }) => state)));
    await outbox.enqueue(messageOf());
    await expect.poll(() => told.at(-1)).toEqual(['pending']);
    await outbox.run();
    await expect.poll(() => told.at(-1)).toEqual(['replied']);
    leave();
  });
});

describe('a view of a store that tells nobody', () => {
  afterEach(() => void vi.useRealTimers());

  it('is told to whoever watches when something changed, and only then', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval'] });
    const store = memoryOutboxStore();
    let readings = 0;
    const { outbox } = await open([], { store: { ...store, subscribe: () => () => undefined, list: (only) => ((readings += 1), store.list(only)) } });
    let told = 0;
    const leave = outbox.subscribe(() => (told += 1));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([told, readings > 10]).toEqual([1, true]);

    await outbox.enqueue(messageOf());
    await vi.advanceTimersByTimeAsync(10_000);
    expect([told, outbox.getState().entries.length]).toEqual([2, 1]);
    leave();
    readings = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(readings).toBe(0);
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

describe('what fails here', () => {
  it('a store that fails in the middle rejects the run, and what was being sent is in doubt', async () => {
    const store = memoryOutboxStore();
    let updates = 0;
    const failing: typeof store = {
      ...store,
      update: async (...change) => {
        updates += 1;
        if (updates === 2) throw new MessagingError('storage.unavailable', 'The disk is full.');
        return store.update(...change);
      },
    };
    const { outbox, states } = await open([answer(204)], { store: failing });
    await outbox.enqueue(messageOf());

    expect(await codeOf(outbox.run())).toBe('storage.unavailable');
    expect(await states()).toEqual(['sending']);
  });

  it.each<[code: 'ok' | 'fatal-error', forRuns: number, state: string]>([
    ['ok', 1, 'replied'],
    ['fatal-error', 1, 'rejected'],
    ['ok', 2, 'replied'],
  ])('a reply (%s) that the store cannot take rejects the run, and is stored when it can (away for %i looks): nothing is sent again, and nobody is asked', async (code, forRuns, state) => {
    const store = memoryOutboxStore();
    let failures = 0;
    const failing: typeof store = { ...store, update: (...change) => (change[1].reply && failures++ < forRuns ? Promise.reject(new MessagingError('storage.unavailable', 'The database is busy.')) : store.update(...change)) };
    const { outbox, states, server } = await open([serve(receiverOf([], { code: () => code }))], { store: failing });
    const { id } = await outbox.enqueue(messageOf());

    expect(await codeOf(outbox.run())).toBe('storage.unavailable');
    await outbox.run();
    expect(await states()).toEqual([state]);
    expect((await outbox.read(id))?.reply).toBeDefined();
    expect(server.requests).toHaveLength(1);
  });

  it('a reply that the store cannot take overrules nobody: what the application knows is asked again', async () => {
    let time = 1_700_000_000_000;
    const store = memoryOutboxStore(() => time);
    let failures = 0;
    const failing: typeof store = { ...store, update: (...change) => (change[1].facts.state !== 'sending' && failures-- > 0 ? Promise.reject(new MessagingError('storage.unavailable', 'The database is busy.')) : store.update(...change)) };
    let known: 'unknown' | 'processed' = 'unknown';
    const { outbox, stateOf } = await open([reset, serve(receiverOf([], { code: () => 'fatal-error' }))], { store: failing, confirm: () => Promise.resolve(known) }, { retry: { maxAttempts: 1 } });
    const { id } = await outbox.enqueue(messageOf());
    for (let count = 0; count < 2; count += 1, time += 70_000) await outbox.run();
    expect((await stateOf(id))[0]).toBe('uncertain');
    await outbox.retry(id);
    known = 'processed';
    failures = 1;

    expect(await codeOf(outbox.run())).toBe('storage.unavailable');
    for (let count = 0; count < 3; count += 1, time += 70_000) await outbox.run();
    expect(await stateOf(id)).toEqual(['replied', 'confirmed']);
  });

  it('a reply that the store cannot take is kept where the application does not answer either, and that is asked again', async () => {
    let time = 1_700_000_000_000;
    const store = memoryOutboxStore(() => time);
    let failures = 0;
    const failing: typeof store = { ...store, update: (...change) => (change[1].facts.state === 'uncertain' && failures-- > 0 ? Promise.reject(new MessagingError('storage.unavailable', 'The database is busy.')) : store.update(...change)) };
    let isUp = false;
    const confirm = (): Promise<'processed'> => (isUp ? Promise.resolve('processed') : Promise.reject(new Error('no network')));
    const { outbox, stateOf, server } = await open([reset, serve(receiverOf([], { code: () => 'fatal-error' }))], { store: failing, confirm, peer: { reliableCacheMinutes: 0 } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    await outbox.retry(id);
    failures = 1;

    expect(await codeOf(outbox.run())).toBe('storage.unavailable');
    time += minute;
    await outbox.run();
    expect(await stateOf(id)).toEqual(['uncertain', 'fatal-error']);
    expect((await outbox.read(id))?.reply?.graph.header?.response?.code).toBe('fatal-error');
    isUp = true;
    time += 5 * minute;
    await outbox.run();
    expect(await stateOf(id)).toEqual(['replied', 'confirmed']);
    expect(server.requests).toHaveLength(2);
  });

  it('a message that is too large for its way out is dead at once, and holds back its key for nothing', async () => {
    const { outbox, stateOf } = await open([answer(204)], {}, { transport: () => Promise.reject(new MessagingError('input.limit', 'A message has at most 1,000 bytes here.', { delivery: 'no' })) });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();

    expect(await stateOf(id)).toEqual(['dead', 'input.limit']);
  });

  it('a message that was taken in is read again however large it is', async () => {
    const { outbox, states } = await open([], {}, { transport: () => Promise.resolve({ status: 204, body: undefined }) });
    await outbox.enqueue(createMessage(admission(), { Patient: { resourceType: 'Patient', photo: [{ data: 'A'.repeat(50_000_001) }] } }, { source }));
    await outbox.run();

    expect(await states()).toEqual(['replied']);
  });

  it('a message that the messenger’s own check finds an error in is dead, and nothing of it was sent', async () => {
    const { outbox, stateOf, server } = await open([answer(204)], {}, { check: () => [{ severity: 'error', code: 'invalid', rule: 'profile' }] });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();

    expect(await stateOf(id)).toEqual(['dead', 'message.invalid']);
    expect(server.requests).toEqual([]);
  });
});
