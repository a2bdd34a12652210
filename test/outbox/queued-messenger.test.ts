import { createMessenger, createReply, memoryPendingStore, processMessageTransport } from '@fhir-messaging/core';
import type { Messenger } from '@fhir-messaging/core';
import { memoryOutboxStore, queuedMessenger } from '@fhir-messaging/outbox';
import type { Outbox } from '@fhir-messaging/outbox';
import { afterEach, describe, expect, it } from 'vitest';
import { answer } from '../exchange/loopback.ts';
import { benchOf, idOf, messageOf } from './outbox-under-test.ts';
import type { Bench } from './outbox-under-test.ts';

let bench: Bench;
afterEach(() => bench.stop());

const over = (outbox: Outbox): Messenger => queuedMessenger(outbox, createMessenger({ transport: processMessageTransport({ baseUrl: 'http://127.0.0.1:1' }) }));
const errorOf = (sending: Promise<unknown>): Promise<unknown> => sending.then(() => undefined, (error: unknown) => error);
const queued = (outbox: Outbox, count: number): Promise<void> => expect.poll(async () => (await outbox.list()).entries.length).toBe(count);

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
