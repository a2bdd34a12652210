import { bars, createMessage, createMessenger, createReply, defineEvent, memoryPendingStore, MessagingError, newFullUrl, observeSubmission, processMessageTransport } from '@fhir-messaging/core';
import type { Issue, Message, Messenger, OutboxStore, ProgressEvent, Seal, SubmissionState, Transport } from '@fhir-messaging/core';
import { createOutbox, memoryOutboxStore, queuedMessenger } from '@fhir-messaging/outbox';
import type { Account, EnqueueOptions, Outbox, OutboxOptions } from '@fhir-messaging/outbox';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, reset, source } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import { account, admission, benchOf, idOf, messageOf, receiverOf, serve } from './outbox-under-test.ts';
import type { Bench } from './outbox-under-test.ts';

let bench: Bench;
afterEach(() => bench.stop());

const over = (outbox: Outbox): Messenger => queuedMessenger(outbox, createMessenger({ transport: processMessageTransport({ baseUrl: 'http://127.0.0.1:1' }) }));
const errorOf = (sending: Promise<unknown>): Promise<unknown> => sending.then(() => undefined, (error: unknown) => error);
/** Bytes that are no JSON. */
const torn = { bytes: new TextEncoder().encode('{'), sealedWith: undefined };
const queued = (outbox: Outbox, count: number): Promise<void> => expect.poll(async () => (await outbox.list()).entries.length).toBe(count);

describe('a queued messenger', () => {
  it('is the same for the same outbox and messenger: who makes it while drawing a screen begins nothing anew', async () => {
    bench = await benchOf([answer(204)]);
    const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: bench.server.url }), source });
    const made = queuedMessenger(bench.outbox, messenger);

    expect(queuedMessenger(bench.outbox, messenger)).toBe(made);
    expect(queuedMessenger(bench.another(), messenger)).not.toBe(made);
    expect(over(bench.outbox)).not.toBe(made);
  });
});

it('a queued messenger that is closed ends what waits there, and watches the storage no more; what is queued stays, and is sent', async () => {
  const store = memoryOutboxStore();
  let watchers = 0;
  const subscribe: OutboxStore['subscribe'] = (listener) => {
    const leave = store.subscribe(listener);
    watchers += 1;
    return () => {
      watchers -= 1;
      leave();
    };
  };
  bench = await benchOf([answer(202), answer(204)], { store: { ...store, subscribe } });
  const messenger = over(bench.outbox);
  const first = messenger.send(messageOf());
  await queued(bench.outbox, 1);
  await bench.outbox.run();
  const accepted = await first;
  const waiting = errorOf(messenger.send(messageOf()));
  await queued(bench.outbox, 2);
  expect(watchers).toBe(1);
  await messenger.close();

  expect(await waiting).toMatchObject({ code: 'closed', delivery: 'unknown' });
  await expect(accepted.kind === 'accepted' && accepted.later).rejects.toMatchObject({ code: 'closed', delivery: 'yes' });
  expect(await errorOf(messenger.send(messageOf()))).toMatchObject({ code: 'closed', delivery: 'no' });
  expect(watchers).toBe(0);
  await bench.outbox.run();
  expect(await bench.states()).toEqual(['accepted', 'replied']);
});

it('a messenger, and the options of an outbox and of enqueue, may be instances of a class, whose members are not their own', async () => {
  bench = await benchOf([answer(204), answer(204)]);
  const { store, server } = bench;
  const real = createMessenger({ transport: processMessageTransport({ baseUrl: server.url }), source });
  const messenger: Messenger = Object.create(real);
  const options: OutboxOptions = Object.create({ store, messenger, account, atLeast: 'ephemeral', events: [admission()] });
  const outbox = createOutbox(options);
  const key: EnqueueOptions = Object.create({ key: 'mine' });

  expect(await outbox.enqueue(messageOf(), key)).toMatchObject({ key: 'mine' });
  const queue = queuedMessenger(outbox, messenger);
  const sending = queue.send(queue.create(admission(), { Patient: { resourceType: 'Patient' } }));
  await queued(outbox, 2);
  await outbox.run();
  expect(await sending).toMatchObject({ kind: 'processed' });
  await queue.close();
  await expect(real.send(messageOf())).rejects.toMatchObject({ code: 'closed' });
});

it('the functions of options that are an instance of a class find their object', async () => {
  bench = await benchOf([answer(204), reset]);
  const { store, server } = bench;
  class AppOptions implements OutboxOptions {
    readonly store = store;
    readonly messenger = createMessenger({ transport: processMessageTransport({ baseUrl: server.url }), source });
    readonly account = account;
    readonly atLeast = 'ephemeral';
    #calls: string[] = [];
    get calls(): ReadonlySet<string> {
      return new Set(this.#calls);
    }
    signedIn() {
      this.#calls.push('signedIn');
      return this.account;
    }
    isOnline() {
      return this.#calls.push('isOnline') > 0;
    }
    async pause() {
      this.#calls.push('pause');
      await Promise.resolve();
    }
    now() {
      this.#calls.push('now');
      return Date.now();
    }
    startTimer() {
      this.#calls.push('startTimer');
      return () => undefined;
    }
    confirm() {
      this.#calls.push('confirm');
      return Promise.resolve('processed' as const);
    }
  }
  const options = new AppOptions();
  const outbox = createOutbox(options);
  await outbox.enqueue(messageOf());
  await outbox.run();
  expect((await outbox.list()).entries).toMatchObject([{ state: 'replied' }]);

  await outbox.enqueue(messageOf());
  await outbox.run();
  expect([...options.calls].sort()).toEqual(['confirm', 'isOnline', 'now', 'pause', 'signedIn', 'startTimer']);
});

describe('a message that is in its outbox no more', () => {
  it('since it was taken back here surely did not arrive: closed, delivery no', async () => {
    bench = await benchOf([answer(204)]);
    const message = messageOf();
    const sending = errorOf(over(bench.outbox).send(message));
    await queued(bench.outbox, 1);

    expect(await bench.outbox.cancel(idOf(message))).toBe(true);
    expect(await sending).toMatchObject({ code: 'closed', delivery: 'no' });
  });

  it('since another page removed it when it was sent may have arrived: closed, delivery unknown', async () => {
    bench = await benchOf([answer(204)]);
    const message = messageOf();
    const sending = errorOf(over(bench.outbox).send(message));
    await queued(bench.outbox, 1);
    const other = bench.another();
    await other.run();
    expect(bench.server.requests).toHaveLength(1);

    expect(await other.remove(idOf(message))).toBe(true);
    expect(await sending).toMatchObject({ code: 'closed', delivery: 'unknown' });
  });
});

describe('a message that is sent while nobody is signed in', () => {
  it('waits until somebody is, and its send with it', async () => {
    const session: { signedIn: Account | undefined } = { signedIn: undefined };
    bench = await benchOf([answer(204)], { signedIn: () => session.signedIn });
    const events: ProgressEvent['kind'][] = [];
    const sending = over(bench.outbox).send(messageOf(), { onProgress: ({ kind }) => events.push(kind) });
    await queued(bench.outbox, 1);
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['waiting']);
    await expect.poll(() => events).toContain('waiting');

    session.signedIn = account;
    await bench.outbox.run();
    expect((await sending).kind).toBe('processed');
  });

  const keyless: Seal = { keyName: 'lost', seal: (bytes) => Promise.resolve(bytes), open: () => Promise.resolve(undefined) };
  const waits: readonly (readonly [string, Partial<OutboxOptions>, Step, boolean])[] = [
    ['somebody has to sign in', { signedIn: () => undefined }, answer(204), true],
    ['somebody has to sign in again', {}, answer(401), true],
    ['it cannot go, as its key is lost: no sign-in helps', { seal: keyless }, answer(204), false],
  ];

  it.each(waits)('says while it waits that %s (needsSignIn)', async (_, options, step, needsSignIn) => {
    bench = await benchOf([step], options);
    const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: bench.server.url }), source });
    const submission = observeSubmission(queuedMessenger(bench.outbox, messenger), admission());
    void submission.submit({ Patient: { resourceType: 'Patient' } });
    await queued(bench.outbox, 1);
    await bench.outbox.run();

    await expect.poll(() => submission.getState()).toMatchObject({ kind: 'sending', waitingUntilMs: expect.any(Number) as number, needsSignIn });
    expect(await bench.states()).toEqual(['waiting']);
    submission.abort();
  });

  it('behind one that somebody has to decide about is taken back, as when somebody is signed in', async () => {
    let signedIn: Account | undefined = account;
    bench = await benchOf([reset], { signedIn: () => signedIn });
    const first = createMessage(admission(), { Patient: { fullUrl: newFullUrl(), resource: { resourceType: 'Patient' } } }, { source });
    await bench.outbox.enqueue(first);
    await bench.outbox.run();
    signedIn = undefined;

    expect(await errorOf(over(bench.outbox).send(createMessage(admission(), first.graph, { source })))).toMatchObject({ code: 'transport.failed', delivery: 'no' });
    expect(await bench.states()).toEqual(['uncertain']);
  });
});

describe('a message whose key is held back', () => {
  const about = newFullUrl();
  const named = (family: string): Message => createMessage(admission(), { Patient: { fullUrl: about, resource: { resourceType: 'Patient', name: [{ family }] } } }, { source });
  const unsound: Issue = { severity: 'error', code: 'invalid', rule: 'own-1', expression: ['Bundle.entry[1]'] };
  /** A check of the application's own, which knows no Miler. */
  const check = ({ bundle }: Message): Issue[] => (JSON.stringify(bundle).includes('Miler') ? [unsound] : []);

  it('by one of which nobody knows whether it arrived surely did not, and is in the outbox no more', async () => {
    bench = await benchOf([answer(500)]);
    const messenger = over(bench.outbox);
    const [earlier, later] = [named('Miler'), named('Miller')];
    const first = errorOf(messenger.send(earlier));
    await queued(bench.outbox, 1);
    await bench.outbox.run();
    expect(await first).toMatchObject({ code: 'transport.failed', delivery: 'unknown' });

    const second = errorOf(messenger.send(later));
    expect(await second).toMatchObject({ code: 'transport.failed', delivery: 'no', message: 'The message was not sent: predecessor.uncertain.' });
    expect((await bench.outbox.list()).entries.map(({ id }) => id)).toEqual([idOf(earlier)]);
  });

  it('by one that was given up, whose sender was told so, takes its place', async () => {
    bench = await benchOf([answer(204)], {}, { check });
    const messenger = over(bench.outbox);
    const [wrong, right] = [named('Miler'), named('Miller')];
    const first = errorOf(messenger.send(wrong));
    await queued(bench.outbox, 1);
    await bench.outbox.run();
    const { rule: _, ...told } = unsound;
    expect(await first).toMatchObject({ code: 'message.invalid', delivery: 'no', issues: [told] });
    expect((await bench.outbox.read(idOf(wrong)))?.issues).toMatchObject([told]);

    const second = messenger.send(right);
    await expect.poll(async () => (await bench.outbox.list()).entries.map(({ id }) => id)).toEqual([idOf(right)]);
    await bench.outbox.run();
    expect((await second).kind).toBe('processed');
  });

  it('by one that was given up takes its place, though two look at that in the same moment, and the other has taken it back by then', async () => {
    const own = memoryOutboxStore();
    let [looks, wrongId] = [0, ''];
    let tellRemoved = (): void => undefined;
    const removed = new Promise<void>((resolve) => (tellRemoved = resolve));
    const store: OutboxStore = {
      ...own,
      async get(id) {
        if (id === wrongId && (looks += 1) > 1) await removed;
        return own.get(id);
      },
      async remove(hold) {
        if (hold.id === wrongId) await new Promise((resolve) => void setImmediate(resolve));
        await own.remove(hold);
        if (hold.id === wrongId) tellRemoved();
      },
    };
    bench = await benchOf([answer(204)], { store }, { check });
    const messenger = over(bench.outbox);
    const [wrong, right] = [named('Miler'), named('Miller')];
    const first = errorOf(messenger.send(wrong));
    await queued(bench.outbox, 1);
    await bench.outbox.run();
    await first;
    wrongId = idOf(wrong);

    const sends = [messenger.send(right), messenger.send(right)];
    await removed;
    await expect.poll(() => bench.states()).toEqual(['pending']);
    await bench.outbox.run();
    expect((await Promise.all(sends)).map(({ kind }) => kind)).toEqual(['processed', 'processed']);
    expect(looks).toBeGreaterThan(1);
  });

  it('by one that was given up goes after that, where somebody has it tried again in the moment in which its place would be taken', async () => {
    bench = await benchOf([answer(429), answer(204)], { maxSends: 1 });
    const { outbox, another, pass } = bench;
    const [earlier, later] = [named('Miller'), named('Smith')];
    let isRetried = false;
    const messenger = over({
      ...outbox,
      async list() {
        const view = await outbox.list();
        if (view.entries.length === 2 && !isRetried) {
          isRetried = true;
          pass(1);
          expect(await another().retry(idOf(earlier))).toBe(true);
        }
        return view;
      },
    });
    const first = errorOf(messenger.send(earlier));
    await queued(outbox, 1);
    await outbox.run();
    expect(await first).toMatchObject({ code: 'transport.failed', delivery: 'no' });

    const second = messenger.send(later);
    await expect.poll(() => isRetried).toBe(true);
    await outbox.run();
    expect((await second).kind).toBe('processed');
    expect(await bench.states()).toEqual(['replied', 'replied']);
  });

  it('by one that was given up, which nobody here was told of, is not sent', async () => {
    bench = await benchOf([answer(204)], {}, { check });
    await bench.outbox.enqueue(named('Miler'));
    await bench.outbox.run();

    expect(await errorOf(over(bench.outbox).send(named('Miller')))).toMatchObject({ code: 'transport.failed', delivery: 'no', message: 'The message was not sent: predecessor.dead.' });
    expect(await bench.states()).toEqual(['dead']);
  });
});

describe('what a send over an outbox says', () => {
  it('of a message that can no longer be read is that it was not sent, not what is wrong in the store', async () => {
    bench = await benchOf([]);
    const sending = errorOf(over(bench.outbox).send(messageOf()));
    await queued(bench.outbox, 1);
    const [entry] = (await bench.store.list()).records;
    await bench.store.update(entry!, { facts: entry!.facts, isFinished: false, dueInMs: 0, content: torn });
    await bench.outbox.run();

    expect(await sending).toMatchObject({ code: 'transport.failed', delivery: 'no', message: 'The message was not sent: json.invalid.' });
    await expect(bench.outbox.read(entry!.id)).rejects.toMatchObject({ code: 'json.invalid' });
  });

  it('of an answer that can no longer be read is what the entry says of it', async () => {
    const own = memoryOutboxStore();
    bench = await benchOf([serve(receiverOf([]))], { store: { ...own, update: (hold, change) => own.update(hold, change.reply ? { ...change, reply: torn } : change) } });
    const sending = over(bench.outbox).send(messageOf());
    await queued(bench.outbox, 1);
    await bench.outbox.run();

    expect(await sending).toMatchObject({ kind: 'processed', issues: [] });
  });

  it('of a refusal is its status too', async () => {
    bench = await benchOf([answer(422, JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'invalid' }] }))]);
    const sending = over(bench.outbox).send(messageOf());
    await queued(bench.outbox, 1);
    await bench.outbox.run();

    expect(await sending).toMatchObject({ kind: 'refused', http: { status: 422 }, issues: [{ code: 'invalid' }] });
  });

  it('is told on its way with the id and the event of its message', async () => {
    bench = await benchOf([answer(204)]);
    const told: unknown[] = [];
    const message = messageOf();
    const sending = over(bench.outbox).send(message, { onProgress: (_, about) => told.push(about) });
    await queued(bench.outbox, 1);
    await bench.outbox.run();
    await sending;

    expect(told.length).toBeGreaterThan(0);
    for (const about of told) expect(about).toEqual({ message: message.identity.message, event: { coding: { system: 'https://example.org/events', code: 'admit' } } });
  });

  it('of one that was aborted before is that nothing was queued', async () => {
    bench = await benchOf([answer(204)]);
    const told: ProgressEvent[] = [];
    const sending = errorOf(over(bench.outbox).send(messageOf(), { signal: AbortSignal.abort(), onProgress: (event) => told.push(event) }));

    expect(await sending).toMatchObject({ name: 'AbortError' });
    expect(told).toEqual([{ kind: 'delivery', attempt: 0, delivery: 'no', unanswered: false }]);
    expect(await bench.states()).toEqual([]);
  });

  it('of one that is aborted while it waits is that it may arrive: the outbox goes on with it', async () => {
    bench = await benchOf([answer(204)]);
    const told: ProgressEvent[] = [];
    const stop = new AbortController();
    const sending = errorOf(over(bench.outbox).send(messageOf(), { signal: stop.signal, onProgress: (event) => told.push(event) }));
    await queued(bench.outbox, 1);
    stop.abort();

    expect(await sending).toMatchObject({ name: 'AbortError' });
    expect(told.at(-1)).toMatchObject({ kind: 'delivery', delivery: 'unknown' });
    expect(await bench.states()).toEqual(['pending']);
  });

  it('of one in custody, whose reply is wanted for an error alone, promises none', async () => {
    const quiet = defineEvent({ coding: { system: 'https://example.org/events', code: 'note' }, focus: ['Patient'], payload: { Patient: '1..1' }, category: 'consequence', reply: 'on-error' } as const);
    bench = await benchOf([answer(202)], { events: [quiet] });
    const sending = over(bench.outbox).send(createMessage(quiet, { Patient: { resourceType: 'Patient' } }, { source }));
    await queued(bench.outbox, 1);
    await bench.outbox.run();

    expect(await sending).toMatchObject({ kind: 'accepted', later: undefined });
  });
});

describe('a send of what came to its end in the outbox before', () => {
  const refusal = JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'invalid' }] });

  it.each<[answered: string, kind: string, status: number, code: 'fatal-error' | undefined]>([
    ['with a fatal-error', 'fatal-error', 200, 'fatal-error'],
    ['with a status that refuses', 'refused', 422, undefined],
  ])('%s is not sent again: it gives the answer, which stays', async (_, kind, status, code) => {
    const message = messageOf();
    const body = code ? createReply(message, { code, source: 'https://b.example.org' }).bytes : new TextEncoder().encode(refusal);
    let requests = 0;
    const transport: Transport = () => ((requests += 1), Promise.resolve({ status, body }));
    bench = await benchOf([], {}, { transport });
    await bench.outbox.enqueue(message);
    await bench.outbox.run();

    expect(await over(bench.outbox).send(message, { signal: AbortSignal.timeout(5_000) })).toMatchObject({ kind });
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['rejected']);
    expect(await bench.outbox.read(idOf(message))).toMatchObject(code ? { reply: { bytes: body } } : { issues: [{ code: 'invalid' }] });
    expect(requests).toBe(1);
  });

  it('with a transient-error whose reply cannot be read any more is sent again too', async () => {
    const message = messageOf();
    let isLost = false;
    const seal: Seal = {
      keyName: 'replies',
      seal: (bytes) => Promise.resolve(bytes),
      open: (bytes, _key, context) => Promise.resolve(isLost && context.includes('"reply"') ? undefined : bytes),
    };
    bench = await benchOf([answer(202), answer(204)], { seal }, { pending: memoryPendingStore() });
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    await bench.outbox.accept(createReply(message, { code: 'transient-error', source: 'https://b.example.org' }));
    isLost = true;
    const sending = over(bench.outbox).send(message);
    await expect.poll(() => bench.states()).toEqual(['pending']);
    await bench.outbox.run();

    expect(await sending).toMatchObject({ kind: 'processed' });
  });

  it('with a transient-error is sent again: it may be answered otherwise', async () => {
    const message = messageOf();
    bench = await benchOf([answer(202), answer(204)], {}, { pending: memoryPendingStore() });
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    await bench.outbox.accept(createReply(message, { code: 'transient-error', source: 'https://b.example.org' }));
    expect(await bench.states()).toEqual(['rejected']);
    const sending = over(bench.outbox).send(message);
    await expect.poll(() => bench.states()).toEqual(['pending']);
    await bench.outbox.run();

    expect(await sending).toMatchObject({ kind: 'processed' });
  });
});

describe('the reply that comes later to a message that was accepted', () => {
  it('ends no process where nobody looks at it, and it does not come', async () => {
    bench = await benchOf([answer(202)], { replyWithinMs: 1000 });
    const unhandled: unknown[] = [];
    const hear = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', hear);
    const sending = over(bench.outbox).send(messageOf());
    await queued(bench.outbox, 1);
    await bench.outbox.run();
    const reply = await sending;
    bench.pass(2000);
    await bench.outbox.run();
    await expect.poll(() => bench.states()).toEqual(['overdue']);
    await expect.poll(() => bench.outbox.getState().entries).toMatchObject([{ state: 'overdue' }]);
    await new Promise((resolve) => void setTimeout(resolve, 20));
    process.off('unhandledRejection', hear);

    expect(unhandled).toEqual([]);
    await expect(reply.kind === 'accepted' && reply.later).rejects.toMatchObject({ code: 'transport.timeout', delivery: 'yes' });
  });

  it.each(['ok', 'transient-error', 'fatal-error'] as const)('says what it says: %s', async (code) => {
    bench = await benchOf([answer(202)], {}, { pending: memoryPendingStore() });
    const message = messageOf();
    const sending = over(bench.outbox).send(message);
    await queued(bench.outbox, 1);
    await bench.outbox.run();
    const reply = await sending;
    if (reply.kind !== 'accepted') throw new Error(reply.kind);
    await bench.outbox.accept(createReply(message, { code, source: 'https://b.example.org' }));

    expect(await reply.later).toMatchObject({ kind: code });
  });

  it('is there for whoever waits, though the reading that finds it fails once', { timeout: 20_000 }, async () => {
    const store = memoryOutboxStore();
    let isAway = false;
    const get: OutboxStore['get'] = (id) => {
      if (!isAway) return store.get(id);
      isAway = false;
      return Promise.reject(new MessagingError('storage.unavailable', 'The database is away.'));
    };
    bench = await benchOf([answer(202)], { store: { ...store, get } }, { pending: memoryPendingStore() });
    const message = messageOf();
    const sending = over(bench.outbox).send(message);
    await queued(bench.outbox, 1);
    await bench.outbox.run();
    const reply = await sending;
    if (reply.kind !== 'accepted') throw new Error(reply.kind);
    const record = (await store.get(idOf(message)))!;
    isAway = true;
    await store.update(record, { facts: { ...record.facts, state: 'replied' }, isFinished: true, dueInMs: undefined, reply: { bytes: createReply(message, { code: 'ok', source: 'https://b.example.org' }).bytes, sealedWith: undefined } });

    expect(await reply.later).toMatchObject({ kind: 'ok' });
    expect(isAway).toBe(false);
  });

  it('is no reason to read everything anew at each change of another message', async () => {
    let readings = 0;
    const store = memoryOutboxStore();
    bench = await benchOf([answer(202)], { store: { ...store, list: (only) => ((readings += 1), store.list(only)) } });
    const messenger = over(bench.outbox);
    const sendings = Array.from({ length: 10 }, () => messenger.send(messageOf()));
    await queued(bench.outbox, 10);
    await bench.outbox.run();
    await Promise.all(sendings);
    await expect.poll(() => bench.outbox.getState().entries.every(({ state }) => state === 'accepted')).toBe(true);
    await new Promise((resolve) => void setTimeout(resolve, 300));
    readings = 0;
    await bench.outbox.enqueue(messageOf());
    await expect.poll(() => bench.outbox.getState().entries.length).toBe(11);
    await new Promise((resolve) => void setTimeout(resolve, 300));

    expect(readings).toBeLessThan(5);
  });
});

describe('a form over a queued messenger, when no reply came by the deadline', () => {
  /** The entry's state is read again at most so much later. */
  const told = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 300));
  const pastDeadline = async (): Promise<void> => {
    bench.pass(2000);
    await bench.outbox.run();
    expect(await bench.states()).toEqual(['overdue']);
    await told();
  };

  it.each<[shows: string, options: Partial<OutboxOptions>]>([
    ['failed', { async: true }],
    ['failed', { responseUrl: 'https://app.example.org/replies' }],
    ['accepted', {}],
  ])('shows %s, by what the outbox asked for: %j', async (shows, options) => {
    bench = await benchOf([answer(202)], { replyWithinMs: 1000, ...options });
    const submission = observeSubmission(over(bench.outbox), admission());
    const submitting = submission.submit({ Patient: { resourceType: 'Patient' } }, { source });
    await queued(bench.outbox, 1);
    await bench.outbox.run();
    expect(await submitting).toMatchObject({ kind: 'accepted', reply: { owesReply: shows === 'failed' } });
    await pastDeadline();

    expect(submission.getState()).toMatchObject({ kind: shows });
  });

  it('shows failed for a recalled message too', async () => {
    bench = await benchOf([answer(202)], { replyWithinMs: 1000, async: true });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    const submission = observeSubmission(over(bench.outbox), admission(), { unsettled: (await bench.outbox.read(idOf(message)))?.message });
    expect(await submission.resend()).toMatchObject({ kind: 'accepted' });
    await pastDeadline();

    expect(submission.getState()).toMatchObject({ kind: 'failed', delivery: 'yes', error: { code: 'transport.timeout' } });
  });

  it('shows accepted for a message that the other side had before, whose reply may have come', async () => {
    const isThere = answer(409, JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'duplicate' }] }));
    bench = await benchOf([isThere], { replyWithinMs: 1000, async: true, identity: { ...bars, async: true } }, { identity: { ...bars, async: true } });
    const message = messageOf();
    await bench.outbox.enqueue(message);
    await bench.outbox.run();
    await pastDeadline();
    const submission = observeSubmission(over(bench.outbox), admission(), { unsettled: (await bench.outbox.read(idOf(message)))?.message });
    await submission.resend();
    await told();

    expect(submission.getState()).toMatchObject({ kind: 'accepted', reply: { duplicate: true, owesReply: false } });
  });
});

describe('a form over a queued messenger whose outbox does not have the reply that is owed', () => {
  const hidden: Seal = {
    keyName: 'replies',
    seal: (bytes) => Promise.resolve(bytes),
    open: (bytes, _key, context) => Promise.resolve(context.includes('"reply"') ? undefined : bytes),
  };

  it.each<[since: string, seal: Seal | undefined, ends: (message: Message) => Promise<unknown>]>([
    ['the entry was removed', undefined, (message) => bench.outbox.remove(idOf(message))],
    ['the outbox was cleared', undefined, () => bench.outbox.clear()],
    ['it is sealed with another key', hidden, (message) => bench.outbox.accept(createReply(message, { code: 'ok', source: 'https://b.example.org' }))],
  ])('shows accepted, and a press sends nothing, since %s', async (_, seal, ends) => {
    bench = await benchOf([answer(202)], { async: true, seal }, { pending: memoryPendingStore() });
    const submission = observeSubmission(over(bench.outbox), admission());
    const submitting = submission.submit({ Patient: { resourceType: 'Patient' } }, { source });
    await queued(bench.outbox, 1);
    await bench.outbox.run();
    const reached = await submitting;
    if (reached.kind !== 'accepted') throw new Error(reached.kind);
    await ends(reached.message);

    await expect(reached.reply.later).rejects.toMatchObject({ code: 'closed', delivery: 'yes' });
    await submission.resend();
    await bench.outbox.run();
    expect(submission.getState()).toMatchObject({ kind: 'accepted' });
    expect(bench.server.requests).toHaveLength(1);
  });
});

describe('a message that another process sends', () => {
  it('is seen to have come to its end, though the store tells nobody here', { timeout: 20_000 }, async () => {
    const store = memoryOutboxStore();
    bench = await benchOf([answer(204)], { store: { ...store, subscribe: () => () => undefined } });
    const sending = over(bench.outbox).send(messageOf());
    await queued(bench.outbox, 1);
    await bench.another({ store }).run();

    expect(await sending).toMatchObject({ kind: 'processed' });
  });
});

describe('a form over a queued messenger, when a person has its message tried again from another screen', () => {
  const of = (family: string) => ({ Patient: { resourceType: 'Patient' as const, name: [{ family }] } });
  const unsound: Issue = { severity: 'error', code: 'invalid', rule: 'own-1', expression: ['Bundle.entry[1]'] };

  /** A form whose message came to nothing, and the entry of that message. */
  const formOf = async (before: string, ...steps: Step[]) => {
    let isSound = before !== 'dead';
    bench = await benchOf(before === 'dead' ? steps : [answer(422), ...steps], {}, { check: () => (isSound ? [] : [unsound]) });
    const form = observeSubmission(over(bench.outbox), admission());
    const press = (family: string): Promise<SubmissionState> => form.submit(of(family), { source });
    const submitting = press('Miler');
    await queued(bench.outbox, 1);
    await bench.outbox.run();
    expect(await submitting).toMatchObject({ kind: before === 'dead' ? 'invalid' : 'refused' });
    expect(await bench.states()).toEqual([before]);
    isSound = true;
    return { form, press, id: (await bench.outbox.list()).entries[0]?.id ?? '' };
  };
  const retry = async (id: string): Promise<void> => {
    expect(await bench.outbox.retry(id)).toBe(true);
    await bench.outbox.run();
  };
  const sent = async (count: number): Promise<void> => {
    await queued(bench.outbox, count);
    await bench.outbox.run();
  };

  const ways: [before: string, state: string, step: Step, kind: string][] = ['rejected', 'dead'].flatMap((before): [string, string, Step, string][] => [
    [before, 'replied', answer(204), 'done'],
    [before, 'accepted', answer(202), 'accepted'],
    [before, 'uncertain', answer(500), 'failed'],
  ]);

  it.each(ways)('asks before other content makes a second one: %s, then %s', async (before, state, step, kind) => {
    const { form, press, id } = await formOf(before, step, step);
    await retry(id);
    expect(await bench.states()).toEqual([state]);

    expect(await press('Miller')).toMatchObject({ kind: 'mayHaveArrived', earlier: { kind: 'failed', delivery: 'unknown' } });
    expect(await bench.states()).toEqual([state]);
    const resending = form.resend();
    if (state === 'uncertain') await expect.poll(async () => (await bench.states())[0]).toBe('pending');
    await bench.outbox.run();
    expect(await resending).toMatchObject({ kind });
    expect(await bench.states()).toEqual([state]);
  });

  it.each(ways.filter(([, state]) => state !== 'uncertain'))('shows what became of it at a press for the same content: %s, then %s', async (before, _, step, kind) => {
    const { press, id } = await formOf(before, step);
    await retry(id);

    expect(await press('Miler')).toMatchObject({ kind });
    expect((await bench.outbox.list()).entries.map((entry) => entry.id)).toEqual([id]);
  });

  it.each(['rejected', 'dead'])('goes on with it where it is on its way: %s', async (before) => {
    const { form, press, id } = await formOf(before, answer(204));
    await bench.outbox.retry(id);

    expect(await press('Miller')).toMatchObject({ kind: 'mayHaveArrived' });
    const pressing = press('Miler');
    expect(form.getState()).toMatchObject({ kind: 'checking' });
    await bench.outbox.run();
    expect(await pressing).toMatchObject({ kind: 'done' });
    expect((await bench.outbox.list()).entries.map((entry) => entry.id)).toEqual([id]);
  });

  it.each(['Miler', 'Miller'])('sends a new one, unasked, where it was turned down again or nobody touched it: %s', async (family) => {
    const { press, id } = await formOf('rejected', answer(422), answer(422), answer(204));
    await retry(id);
    const second = press(family);
    expect(press('Muller')).toBe(second);
    await sent(2);
    expect(await second).toMatchObject({ kind: 'refused' });
    const third = press(family);
    await sent(3);

    expect(await third).toMatchObject({ kind: 'done' });
    expect(await bench.states()).toEqual(['rejected', 'rejected', 'replied']);
  });

  it('asks where the entry is gone, since nobody can tell', async () => {
    const { press, id } = await formOf('rejected', answer(204));
    await retry(id);
    await bench.outbox.remove(id);

    expect(await press('Miller')).toMatchObject({ kind: 'mayHaveArrived' });
  });

  it.each([['dead', 'cancel'], ['rejected', 'remove']] as const)('sends a new one, unasked, where an entry was taken out here that surely was not processed: %s, %s', async (before, action) => {
    const { press, id } = await formOf(before, answer(204));
    expect(await bench.outbox[action](id)).toBe(true);
    const pressing = press('Miller');
    await sent(1);

    expect(await pressing).toMatchObject({ kind: 'done' });
  });

  it('asks about an earlier one, too, where the last one came to nothing and stayed so', async () => {
    const { press, id } = await formOf('rejected', answer(422), answer(204));
    const second = press('Miller');
    await sent(2);
    expect(await second).toMatchObject({ kind: 'refused' });
    await retry(id);
    expect(await bench.states()).toEqual(['replied', 'rejected']);

    expect(await press('Muller')).toMatchObject({ kind: 'mayHaveArrived', earlier: { kind: 'failed', delivery: 'unknown' } });
    expect(await press('Miler')).toMatchObject({ kind: 'done' });
    expect(await bench.states()).toEqual(['replied', 'rejected']);
  });

  it('sends nothing where the press is aborted while it looks, and keeps what it knows at a reset', async () => {
    const { form, press } = await formOf('rejected', answer(204));
    const pressing = press('Miller');
    form.reset();
    form.abort();

    expect(await pressing).toMatchObject({ kind: 'refused' });
    expect(await bench.states()).toEqual(['rejected']);
  });

  it('asks about a message that was recalled while the press looks', async () => {
    const { form, press } = await formOf('rejected', answer(204));
    const earlier = messageOf();
    const pressing = press('Miller');
    form.recall(earlier);

    expect(await pressing).toMatchObject({ kind: 'mayHaveArrived', message: { identity: { message: idOf(earlier) } } });
    expect(await bench.states()).toEqual(['rejected']);
  });

  /** A form that shows a message that may have arrived, behind a refused one that was sent after it. */
  const formBehind = async (...steps: Step[]) => {
    bench = await benchOf([answer(500), answer(422), ...steps]);
    const form = observeSubmission(over(bench.outbox), admission());
    const press = (family: string): Promise<SubmissionState> => form.submit(of(family), { source });
    const first = press('Miler');
    await sent(1);
    expect(await first).toMatchObject({ kind: 'failed', delivery: 'unknown' });
    expect(await press('Miller')).toMatchObject({ kind: 'mayHaveArrived' });
    const second = form.submitAnyway();
    await sent(2);
    expect(await second).toMatchObject({ kind: 'refused' });
    expect(await press('Muller')).toMatchObject({ kind: 'mayHaveArrived', earlier: { kind: 'failed' } });
    form.dismiss();
    return { form, press, id: (await bench.outbox.list()).entries[1]?.id ?? '' };
  };

  it('asks about a refused one, too, behind which a press went back since', async () => {
    const { form, press, id } = await formBehind(answer(204));
    await retry(id);
    expect(await bench.states()).toEqual(['uncertain', 'replied']);

    expect(await press('Muller')).toMatchObject({ kind: 'mayHaveArrived', message: { identity: { message: id } } });
    form.dismiss();
    expect(await press('Miller')).toMatchObject({ kind: 'done' });
    expect(await bench.states()).toEqual(['uncertain', 'replied']);
  });

  it('sends nothing once the one that is shown was processed, whatever became of one behind which a press went back', async () => {
    const { form, press, id } = await formBehind(answer(204), answer(204));
    const resending = form.resend();
    await expect.poll(async () => (await bench.states())[0]).toBe('pending');
    await bench.outbox.run();
    const done = await resending;
    expect(done).toMatchObject({ kind: 'done' });
    await retry(id);

    expect(await press('Miller')).toBe(done);
    expect(await bench.states()).toEqual(['replied', 'replied']);
  });
});
