import { createMessenger, MessagingError } from '@fhir-messaging/core';
import type { OutboxStore, Receipt, Transport } from '@fhir-messaging/core';
import { createOutbox, keepSending, memoryOutboxStore, queuedMessenger } from '@fhir-messaging/outbox';
import type { Outbox, OutboxOptions } from '@fhir-messaging/outbox';
import { describe, expect, it } from 'vitest';
import { account, admission, messageOf } from './outbox-under-test.ts';

const messengerOver = (transport: Transport) => createMessenger({ transport, source: 'https://app.example.org', retry: { maxAttempts: 1 } });
const outboxOver = (transport: Transport, options: Partial<OutboxOptions> = {}): Outbox =>
  createOutbox({ store: memoryOutboxStore(), messenger: messengerOver(transport), account, atLeast: 'ephemeral', events: [admission()], startTimer: () => () => undefined, random: () => 0.5, ...options });
const takes: Transport = () => Promise.resolve({ status: 204, body: undefined });
const away = (): Promise<never> => Promise.reject(new MessagingError('storage.unavailable', 'The database is away.'));
const statesOf = async (outbox: Outbox) => (await outbox.list()).entries.map(({ state, reason }) => [state, reason].filter(Boolean).join(' '));

describe('a storage that is away for a moment', () => {
  it.each([2, 3, 4])('fails no queued message that it has: reading %i of it is one look of many', async (failing) => {
    const own = memoryOutboxStore();
    let readings = 0;
    const store: OutboxStore = { ...own, list: (filter) => ((readings += 1) === failing ? away() : own.list(filter)) };
    const outbox = outboxOver(takes, { store });
    const sending = queuedMessenger(outbox, messengerOver(takes)).send(messageOf());
    await expect.poll(async () => (await own.list()).records.length).toBe(1);
    await outbox.run();

    expect(await sending).toMatchObject({ kind: 'processed' });
  });

  it('at the start is asked again when something is queued', async () => {
    const own = memoryOutboxStore();
    let isAway = true;
    const outbox = outboxOver(takes, { store: { ...own, durability: () => (isAway ? Promise.resolve('none') : own.durability()) } });
    await expect(outbox.enqueue(messageOf())).rejects.toMatchObject({ code: 'storage.unavailable' });
    isAway = false;

    expect(await outbox.enqueue(messageOf())).toMatchObject({ state: 'pending' });
  });

  it('for good says what it failed with, beside that nothing is promised', async () => {
    const outbox = outboxOver(takes, { store: { ...memoryOutboxStore(), durability: () => Promise.resolve('none'), list: away } });

    await expect(outbox.enqueue(messageOf())).rejects.toMatchObject({ code: 'storage.unavailable', cause: { code: 'storage.unavailable', message: 'The database is away.' } });
  });

  it('while a message is taken back leaves no word that it surely did not arrive', async () => {
    const own = memoryOutboxStore();
    let isAway = true;
    const outbox = outboxOver(takes, { store: { ...own, remove: (hold) => (isAway ? away() : own.remove(hold)) } });
    const { id } = await outbox.enqueue(messageOf());
    await expect(outbox.cancel(id)).rejects.toMatchObject({ code: 'storage.unavailable' });
    isAway = false;
    await outbox.run();
    await outbox.remove(id);

    expect(outbox.wasCancelled(id)).toBe(false);
  });
});

describe('createOutbox', () => {
  it.each(['store', 'messenger', 'account'])('without its %s is a TypeError at once', (name) => {
    const options = { store: memoryOutboxStore(), messenger: messengerOver(takes), account };

    expect(() => createOutbox({ ...options, [name]: undefined })).toThrow(new TypeError('createOutbox: a store, a messenger and an account are needed.'));
  });

  it.each([0, -1, 0.5, Number.NaN])('with a concurrency of %s, which would send nothing, is a TypeError at once', (concurrency) => {
    expect(() => outboxOver(takes, { concurrency })).toThrow(new TypeError('createOutbox: concurrency is at least 1.'));
  });

  it('asked for a durability that there is none of, which any storage would satisfy, is a TypeError at once', () => {
    const misspelt: object = { atLeast: 'persistent' };

    expect(() => outboxOver(takes, misspelt)).toThrow(new TypeError('createOutbox: atLeast is no durability.'));
  });
});

describe('what follows a message that changes while it is looked at', () => {
  it('is looked at again: what was turned down may have been tried again in that moment', async () => {
    let time = 1_700_000_000_000;
    const own = memoryOutboxStore(() => time);
    let meanwhile: (() => Promise<unknown>) | undefined;
    const store: OutboxStore = {
      ...own,
      async get(id) {
        const found = await own.get(id);
        if (id === before.id) await meanwhile?.();
        return found;
      },
    };
    let status = 422;
    const outbox = outboxOver(() => Promise.resolve<Receipt>({ status, body: undefined }), { store });
    const before = await outbox.enqueue(messageOf());
    await outbox.run();
    status = 204;
    await outbox.enqueue(messageOf(), { after: before.id });
    meanwhile = () => {
      meanwhile = undefined;
      return outbox.retry(before.id);
    };
    await outbox.run();
    time += 120_000;
    await outbox.run();

    expect(await statesOf(outbox)).toEqual(['replied', 'replied']);
  });
});

describe('leave to send once more what may have arrived', () => {
  it.each([
    ['nobody could be reached', () => Promise.reject(new MessagingError('transport.failed', 'No connection.', { delivery: 'no' }))],
    ['the other side said not now', () => Promise.resolve({ status: 503, body: undefined })],
  ])('is not used up where %s: it goes when it can', async (_, fails) => {
    let time = 1_700_000_000_000;
    const lost = (): Promise<Receipt> => Promise.reject(new Error('connection reset'));
    const answers: (() => Promise<Receipt>)[] = [lost, fails, takes as () => Promise<Receipt>];
    let sends = 0;
    const outbox = outboxOver(() => answers[Math.min((sends += 1), 3) - 1]!(), { store: memoryOutboxStore(() => time) });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    expect(await statesOf(outbox)).toEqual(['uncertain transport.failed']);
    await outbox.retry(id);
    await outbox.run();
    expect([sends, (await outbox.list()).entries[0]?.state]).toEqual([2, 'pending']);
    time += 3_600_000;
    await outbox.run();

    expect([sends, await statesOf(outbox)]).toEqual([3, ['replied']]);
  });

  it('is used up where it may have arrived once more: it is asked about again', async () => {
    let time = 1_700_000_000_000;
    let sends = 0;
    const outbox = outboxOver(() => Promise.reject(new Error(`connection reset ${(sends += 1)}`)), { store: memoryOutboxStore(() => time) });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    await outbox.retry(id);
    await outbox.run();
    time += 3_600_000;
    await outbox.run();

    expect([sends, await statesOf(outbox)]).toEqual([2, ['uncertain transport.failed']]);
  });
});

describe('keepSending where the platform refuses locks, such as in a sandboxed frame', () => {
  it('sends without, and says so', async () => {
    const outbox = outboxOver(takes);
    const errors: unknown[] = [];
    const locks = { request: (): Promise<never> => Promise.reject(new DOMException('The request was denied.', 'SecurityError')) };
    const stop = keepSending(outbox, { locks, targets: [], startInterval: () => () => undefined, onError: (error) => errors.push(error) });
    await outbox.enqueue(messageOf());

    await expect.poll(() => statesOf(outbox)).toEqual(['replied']);
    expect(errors[0]).toMatchObject({ name: 'SecurityError' });
    stop();
  });
});
