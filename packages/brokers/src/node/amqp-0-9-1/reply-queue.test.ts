import { createMessage, createMessenger, createReply, defineEvent, MessagingError } from '@fhir-messaging/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { amqpTransport } from './index.ts';
import type { RabbitConnection, RabbitMessage } from './index.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
const reply = createReply(message, { source: 'https://ward.example.org' });

/** A transport that listens, and what hands a reply over to it, whose code of the client's it gives. */
async function listening(onReply: (() => unknown) | undefined, queueDeclare = () => Promise.resolve(), onError?: (error: unknown) => void) {
  let take: (message: RabbitMessage) => Promise<number> = () => Promise.reject(new Error('nothing is received'));
  const connection: RabbitConnection = {
    ready: true,
    createPublisher: () => ({ send: () => Promise.resolve(), on: () => undefined, close: () => Promise.resolve() }),
    createConsumer(_, handler) {
      take = handler;
      return { on: () => undefined, close: () => Promise.resolve() };
    },
    queueDeclare,
    queueDelete: () => Promise.resolve(),
    on: () => undefined,
  };
  const transport = amqpTransport(connection, { to: 'q', replyQueue: 'replies', onReply, onError });
  return { transport, deliver: (redelivered: boolean) => take({ body: reply.bytes, contentType: 'application/fhir+json', redelivered }) };
}

it('replies in a queue with a name are taken before anything is sent: they came for the process before this one', async () => {
  const onReply = vi.fn();
  const declare = vi.fn(() => Promise.resolve()).mockRejectedValueOnce(new Error('the broker is away'));
  const { transport, deliver } = await listening(onReply, declare);
  await expect.poll(() => declare).toHaveBeenCalledTimes(2);

  await expect.poll(() => deliver(false)).toBe(0);
  expect(onReply).toHaveBeenCalledTimes(1);
  await transport.close();
});

describe('where listening fails before anything is sent', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());
  /** The transport, after so many seconds. */
  async function failing(error: Error, seconds: number) {
    const declare = vi.fn((): Promise<void> => Promise.reject(error));
    const onError = vi.fn();
    const { transport } = await listening(() => undefined, declare, onError);
    await vi.advanceTimersByTimeAsync(seconds * 1000);
    return { transport, declare, onError };
  }

  it.each([
    ['the connection is closed by its owner', 'CLOSING', 1, 0],
    // After 0, 30, 60 and 90 seconds: each try closes a channel that all share, and the queue may be deleted.
    ['the queue was declared otherwise', 'PRECONDITION_FAILED', 4, 4],
    // After 0, 1, 3, 7, 15, 31 and 61 seconds.
    ['the broker is away', 'TIMEOUT', 7, 7],
  ])('and %s, it is tried in 90 seconds as often as there is a use', async (_, code, tries, told) => {
    const { transport, declare, onError } = await failing(Object.assign(new Error('no'), { code }), 90);

    expect([declare.mock.calls.length, onError.mock.calls.length]).toEqual([tries, told]);
    await transport.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('and the queue was declared otherwise, sends fail without a try for half a minute; then the next one listens, where that is gone', async () => {
    const otherwise = Object.assign(new Error('no'), { code: 'PRECONDITION_FAILED' });
    const declare = vi.fn((): Promise<void> => Promise.reject(otherwise));
    const { transport } = await listening(undefined, declare);
    const send = () => createMessenger({ transport, retry: { maxAttempts: 1 } }).send(message, { async: true });
    for (let sends = 0; sends < 20; sends += 1) await expect(send()).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no', cause: otherwise });
    expect(declare).toHaveBeenCalledTimes(1);
    declare.mockResolvedValue(undefined);
    await vi.advanceTimersByTimeAsync(30_000);
    await send();

    expect(declare).toHaveBeenCalledTimes(2);
    await transport.close();
  });

  it('and the broker is away, the next send tries again', async () => {
    const { transport, declare } = await failing(Object.assign(new Error('no'), { code: 'TIMEOUT' }), 0);
    declare.mockResolvedValue(undefined);
    await createMessenger({ transport }).send(message, { async: true });

    expect(declare).toHaveBeenCalledTimes(2);
    await transport.close();
  });
});

it('a reply whose pending store is away for a moment is acknowledged once it is taken, also where it was handed over before', async () => {
  const onReply = vi.fn().mockRejectedValueOnce(new MessagingError('storage.unavailable', 'The store is away.'));
  const { transport, deliver } = await listening(onReply);

  expect(await deliver(true)).toBe(0);
  expect(onReply).toHaveBeenCalledTimes(2);
  await transport.close();
});

it('a reply that comes between the close of the messenger and that of its transport is given back', async () => {
  const { transport, deliver } = await listening(() => Promise.reject(new MessagingError('closed', 'The messenger was closed.')));
  const delivered = deliver(true);
  await transport.close();

  expect(await delivered).toBe(1);
});
