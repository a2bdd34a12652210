import { createMessenger, processMessageTransport } from '@fhir-messaging/core';
import type { Messenger } from '@fhir-messaging/core';
import { queuedMessenger } from '@fhir-messaging/outbox';
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
