import { createMessage, createMessenger, MessagingError, processMessageTransport } from '@fhir-messaging/core';
import { keepSending, memoryOutboxStore } from '@fhir-messaging/outbox';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answer, reset, source } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';
import { open } from './open-bench.ts';
import { admission, codeOf, messageOf, minute, receiverOf, serve } from './outbox-under-test.ts';

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
