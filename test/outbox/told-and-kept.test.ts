import { createMessenger, createReply, memoryPendingStore } from '@fhir-messaging/core';
import type { Message, Messenger, MessengerOptions, OutboxStore, PendingStore, Receipt, Transport } from '@fhir-messaging/core';
import { createOutbox, keepSending, memoryOutboxStore, queuedMessenger } from '@fhir-messaging/outbox';
import type { Outbox, OutboxOptions } from '@fhir-messaging/outbox';
import { describe, expect, it } from 'vitest';
import { account, admission, idOf, messageOf } from './outbox-under-test.ts';

const source = 'https://app.example.org';

function outboxOver(transport: Transport, options: Partial<OutboxOptions> = {}, messaging: Partial<MessengerOptions> = {}): Outbox {
  const messenger = createMessenger({ transport, source, retry: { maxAttempts: 1 }, sleep: () => Promise.resolve(), ...messaging });
  const still = { startTimer: () => () => undefined, pause: () => Promise.resolve(), random: () => 0.5 };
  return createOutbox({ store: memoryOutboxStore(), messenger, account, atLeast: 'ephemeral', events: [admission()], ...still, ...options });
}

const stateOf = async (outbox: Outbox): Promise<string | undefined> => (await outbox.list()).entries[0]?.state;
const status = (code: number): Receipt => ({ status: code, body: undefined });
const fatal = (message: Message): Receipt => ({ status: 200, body: createReply(message, { source, code: 'fatal-error', issues: [{ severity: 'error', code: 'processing' }] }).bytes });
const lost = (): Promise<Receipt> => Promise.reject(new Error('connection reset'));

/** A line that answers by a script, and counts. */
function lineOf(...answers: readonly ((message: Message) => Receipt | Promise<Receipt>)[]): { readonly transport: Transport; readonly sent: string[] } {
  const sent: string[] = [];
  const transport: Transport = async ({ message }) => {
    sent.push(idOf(message));
    return (await answers[Math.min(sent.length, answers.length) - 1]?.(message)) ?? status(204);
  };
  return { transport, sent };
}

/** Lets everything go on that waits for nothing. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 500; turn += 1) await Promise.resolve();
};

describe('what a message was answered before somebody had it tried again', () => {
  it.each([
    ['an OperationOutcome', () => status(422)],
    ['a fatal-error', fatal],
  ])('is its answer no more: %s', async (_, answer) => {
    const { transport } = lineOf(answer, () => status(204));
    const outbox = outboxOver(transport);
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    expect(await stateOf(outbox)).toBe('rejected');

    await outbox.retry(id);
    expect(await outbox.read(id)).toMatchObject({ reply: undefined, issues: [] });
    await outbox.run();
    expect(await stateOf(outbox)).toBe('replied');
    expect(await outbox.read(id)).toMatchObject({ reply: undefined, issues: [] });
  });

  it('nor where somebody says that it was processed', async () => {
    let time = 0;
    const { transport } = lineOf(lost, () => status(422));
    const outbox = outboxOver(transport, { store: memoryOutboxStore(() => time), peer: { reliableCacheMinutes: 60 } });
    const { id } = await outbox.enqueue(messageOf());
    await outbox.run();
    time += 60_000;
    await outbox.run();
    expect(await stateOf(outbox)).toBe('uncertain');

    await outbox.decide(id, 'processed');
    expect(await outbox.read(id)).toMatchObject({ reply: undefined, issues: [] });
  });
});

describe('clear', () => {
  it('lets nothing go that it is about to forget', async () => {
    const { transport, sent } = lineOf(() => status(503), () => status(204));
    const outbox = outboxOver(transport);
    const first = await outbox.enqueue(messageOf(), { key: 'order' });
    await outbox.enqueue(messageOf(), { key: 'order' });
    const stop = keepSending(outbox, { startInterval: () => () => undefined, targets: [] });
    await turns();

    expect(await outbox.clear({ discardUnsent: true })).toEqual([]);
    await turns();
    stop();
    expect(sent).toEqual([first.id]);
  });
});

describe('a message that may have arrived', () => {
  it('is not sent again by itself where its messenger fails after it was sent', async () => {
    let time = 0;
    const { transport, sent } = lineOf(() => status(204));
    const inner = createMessenger({ transport, source });
    const messenger: Messenger = {
      ...inner,
      async send(message, options) {
        await inner.send(message, options);
        throw new TypeError('A fault of the app.');
      },
    };
    const outbox = outboxOver(transport, { store: memoryOutboxStore(() => time), messenger });
    await outbox.enqueue(messageOf());
    await outbox.run();
    time += 600_000;
    await outbox.run();

    expect([sent.length, await stateOf(outbox)]).toEqual([1, 'uncertain']);
  });

  it('is sent once more where somebody allows that, and not twice, though the session ends after an attempt without an answer', async () => {
    let time = 0;
    const now = (): number => time;
    const peer = { reliableCacheMinutes: 10 };
    const { transport, sent } = lineOf(lost, lost, () => status(401), () => status(204));
    const store = memoryOutboxStore(now);
    const patient = outboxOver(transport, { store, peer, now }, { peer, now, retry: { maxAttempts: 2 } });
    const { id } = await outboxOver(transport, { store, peer, now }).enqueue(messageOf());
    await outboxOver(transport, { store, peer, now }).run();
    time += 3_600_000;
    await patient.run();
    expect([sent.length, await stateOf(patient)]).toEqual([1, 'uncertain']);

    await patient.retry(id);
    await patient.run();
    expect([sent.length, await stateOf(patient)]).toEqual([3, 'waiting']);
    time += 3_600_000;
    await patient.run();
    expect([sent.length, await stateOf(patient)]).toEqual([3, 'uncertain']);
  });
});

describe('a reply that comes to another process', () => {
  it('is stored, though the sender stores at the same moment that the message was taken over', async () => {
    const memory = memoryOutboxStore();
    const pending: PendingStore = memoryPendingStore();
    let request: Message | undefined;
    let takeOver = (): void => undefined;
    const sender = outboxOver(
      ({ message }) => {
        request = message;
        return new Promise((resolve) => (takeOver = () => resolve(status(202))));
      },
      { store: memory, async: true },
      { pending },
    );
    await sender.enqueue(messageOf());
    const run = sender.run();
    await turns();

    let isFirst = true;
    const store: OutboxStore = {
      ...memory,
      async get(id) {
        const record = await memory.get(id);
        if (isFirst && record) {
          isFirst = false;
          takeOver();
          await run;
        }
        return record;
      },
    };
    const receiver = outboxOver(lost, { store }, { pending });
    const { kind } = await receiver.accept(createReply(request ?? messageOf(), { source }));
    expect([kind, await stateOf(receiver)]).toEqual(['settled', 'replied']);
  });
});

describe('queuedMessenger', () => {
  it('reports nothing once its send has ended', async () => {
    const memory = memoryOutboxStore();
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const store: OutboxStore = { ...memory, list: (filter) => gate.then(() => memory.list(filter)) };
    const outbox = outboxOver(() => new Promise(() => undefined), { store });
    const messenger = queuedMessenger(outbox, createMessenger({ transport: lost, source }));
    const told: string[] = [];
    const stop = new AbortController();
    const sending = messenger.send(messageOf(), { signal: stop.signal, onProgress: ({ kind }) => told.push(kind) });
    void outbox.run();
    await turns();

    stop.abort();
    await expect(sending).rejects.toThrow();
    open();
    await turns();
    expect(told).toEqual(['delivery']);
  });

  it('is not harmed by what an observer throws', async () => {
    const { transport, sent } = lineOf(() => status(204));
    const outbox = outboxOver(transport);
    const messenger = queuedMessenger(outbox, createMessenger({ transport: lost, source }));
    const sending = messenger.send(messageOf(), {
      onProgress() {
        throw new Error('A fault in a display.');
      },
    });
    const reply = Promise.all([sending, turns().then(() => outbox.run())]);
    expect((await reply)[0].kind).toBe('processed');
    expect(sent).toHaveLength(1);
  });
});
