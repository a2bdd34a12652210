import { createMessage, createReply, defineEvent, MessagingError } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { amqpReceiver, amqpTransport } from './index.ts';
import type { AmqpReceiverOptions, RabbitConnection, RabbitEnvelope, RabbitMessage } from './index.ts';

const source = 'https://app.example.org';
const update = defineEvent({ uri: 'https://ward.example.org/events/update', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A connection that is lost and made again when it is told so; what is handed over is for its only consumer. */
function given() {
  const written: RabbitEnvelope[] = [];
  const listeners: (() => void)[] = [];
  let take: (message: RabbitMessage) => Promise<number> = () => Promise.reject(new Error('nothing is received'));
  let fail: (error: unknown) => void = () => undefined;
  const state = { ready: true };
  const connection: RabbitConnection = {
    get ready() {
      return state.ready;
    },
    createPublisher: () => ({ send: async (envelope) => void written.push(envelope), on: () => undefined, close: () => Promise.resolve() }),
    createConsumer(_, handler) {
      take = handler;
      return { on: (_name, listener) => (fail = listener), close: () => Promise.resolve() };
    },
    queueDeclare: () => Promise.resolve(),
    queueDelete: () => Promise.resolve(),
    on: (_, listener) => listeners.push(listener),
  };
  const losses = { 'its connection': () => listeners.forEach((tell) => tell()), 'its channel': () => fail(new Error('PRECONDITION_FAILED')) };
  // The client's own error where the broker ends a consumer, whose channel stays: its queue was deleted, say.
  const cancel = (): void => fail(Object.assign(new Error('cancelled by server'), { code: 'CANCEL_FORCED' }));
  return { connection, state, written, losses, cancel, listeners, deliver: (message: RabbitMessage) => take(message) };
}

/** A receiver that handles what it is told, and messages of keys. */
function receiving(handle: (family: string) => Promise<{ code: 'transient-error' | 'fatal-error' } | undefined>, options: Partial<AmqpReceiverOptions> = {}) {
  const handled: string[] = [];
  const { connection, deliver, ...others } = given();
  const receiver = createReceiver({ source: 'https://ward.example.org' }).on(update, async ({ payload }) => {
    const family = payload.Patient.name?.[0]?.family ?? '';
    const content = await handle(family);
    handled.push(family);
    return content;
  });
  const consumption = amqpReceiver(connection, receiver, { queue: 'q', order: 'strict', closeWithinMs: 10, confirmTimeoutMs: 10, ...options });
  stops.push(() => consumption.close());
  const bodies = new Map<string, Uint8Array>();
  const hand = (family: string, key: string, replyTo?: string): Promise<number> => {
    const body = bodies.get(family) ?? createMessage(update, { Patient: { resourceType: 'Patient', name: [{ family }] } }, { source }).bytes;
    bodies.set(family, body);
    return deliver({ body, contentType: 'application/fhir+json', headers: { 'fhir-ordering-key': key }, ...(replyTo !== undefined && { replyTo }) });
  };
  return { hand, handled, consumption, ...others };
}

describe.each(['its connection', 'its channel'] as const)('a delivery that is lost with %s', (what) => {
  it('is given up at once where it waits for its next attempt: the client consumes nothing before, and it comes again', async () => {
    const contents = [{ code: 'transient-error' as const }, undefined];
    const { hand, handled, losses, written } = receiving(() => Promise.resolve(contents.shift()));
    const delivered = hand('Miller', 'p1');
    await expect.poll(() => handled).toEqual(['Miller']);
    losses[what]();

    expect(await delivered).toBe(1);
    expect(await hand('Miller', 'p1')).toBe(0);
    expect([handled, written]).toEqual([['Miller', 'Miller'], []]);
  });

  it('is given up at once where its handler hangs, whose key waits for it, and no other; nothing is handled twice', async () => {
    let go = (): void => undefined;
    const hung = new Promise<void>((resolve) => (go = resolve));
    const { hand, handled, losses } = receiving(async (family) => {
      if (family === 'First') await hung;
      return undefined;
    });
    const before = [hand('First', 'p1'), hand('Second', 'p1')];
    await new Promise((resolve) => setTimeout(resolve, 20));
    losses[what]();
    expect(await Promise.all(before)).toEqual([1, 1]);

    const again = [hand('First', 'p1'), hand('Second', 'p1')];
    expect(await hand('Other', 'p2')).toBe(0);
    expect(handled).toEqual(['Other']);
    go();
    expect(await Promise.all(again)).toEqual([0, 0]);
    expect(handled).toEqual(['Other', 'First', 'Second']);
  });
});

it('a delivery that was lost becomes no dead letter and no retry: the one that comes again does', async () => {
  let go = (): void => undefined;
  const hung = new Promise<void>((resolve) => (go = resolve));
  const onError = vi.fn();
  const { hand, handled, losses, written } = receiving(() => hung.then(() => ({ code: 'transient-error' })), { order: 'relaxed', retryDelaysMs: [1], onError });
  const delivered = hand('Miller', 'p1');
  losses['its connection']();
  expect(await delivered).toBe(1);
  go();

  await expect.poll(() => onError).toHaveBeenCalledTimes(1);
  expect([handled, written, onError.mock.calls]).toEqual([['Miller'], [], [[expect.objectContaining({ code: 'transport.failed' }), expect.anything()]]]);
});

it('a delivery whose consumer the broker ends is not lost: its channel stays, and it is answered and acknowledged', async () => {
  let go = (): void => undefined;
  const hung = new Promise<void>((resolve) => (go = resolve));
  const { hand, handled, cancel, written } = receiving(() => hung.then(() => undefined), { replyTargets: ['replies'] });
  const delivered = hand('Miller', 'p1', 'replies');
  cancel();
  go();

  expect(await delivered).toBe(0);
  expect([handled, written]).toEqual([['Miller'], [expect.objectContaining({ routingKey: 'replies' })]]);
});

it.each(['strict', 'relaxed'] as const)('what a handler comes to while the connection is down is not written, and comes again, in %s order', async (order) => {
  let go = (): void => undefined;
  const hung = new Promise<void>((resolve) => (go = resolve));
  const onError = vi.fn();
  const { hand, handled, state, losses, written } = receiving(() => hung.then(() => ({ code: 'fatal-error' })), { order, retryDelaysMs: [1], onError });
  const delivered = hand('Miller', 'p1');
  state.ready = false;
  go();
  await expect.poll(() => onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'transport.failed', delivery: 'no' }), expect.anything());
  state.ready = true;
  losses['its connection']();

  expect([await delivered, handled, written]).toEqual([1, ['Miller'], []]);
});

it('no next attempt begins while the connection is down, or blocked: it begins where that ends without a loss', async () => {
  const contents = [{ code: 'transient-error' as const }, { code: 'fatal-error' as const }];
  const { hand, handled, state, written } = receiving(() => Promise.resolve(contents.shift()), { retryDelaysMs: [1] });
  state.ready = false;
  const delivered = hand('Miller', 'p1');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(handled).toEqual(['Miller']);
  state.ready = true;

  expect(await delivered).toBe(0);
  expect([handled, written]).toEqual([['Miller', 'Miller'], [expect.objectContaining({ routingKey: 'q.dead' })]]);
});

it('closing waits for a handler whose delivery was lost, within its limits', async () => {
  let isHandled = false;
  const { hand, losses, consumption } = receiving(() => new Promise((resolve) => setTimeout(() => resolve(((isHandled = true), undefined)), 50)), { closeWithinMs: 5000 });
  const delivered = hand('Miller', 'p1');
  losses['its connection']();
  await delivered;
  expect(isHandled).toBe(false);
  await consumption.close();

  expect(isHandled).toBe(true);
});

it('a reply that waits for its next try is given up where its connection is lost, and comes again', async () => {
  const { connection, deliver, losses } = given();
  const onReply = vi.fn().mockRejectedValueOnce(new MessagingError('storage.unavailable', 'The store is away.'));
  const transport = amqpTransport(connection, { to: 'q', onReply });
  stops.push(() => transport.close());
  const message = createMessage(update, { Patient: { resourceType: 'Patient' } }, { source });
  await transport({ message, bytes: message.bytes, attempt: 1, async: true, signal: new AbortController().signal });
  const { bytes: body } = createReply(message, { source: 'https://ward.example.org' });
  const delivered = deliver({ body });
  await expect.poll(() => onReply).toHaveBeenCalledTimes(1);
  losses['its connection']();

  expect(await delivered).toBe(1);
  expect(await deliver({ body })).toBe(0);
  expect(onReply).toHaveBeenCalledTimes(2);
});

it('a reply that waits for its next try goes on waiting where the broker ends its consumer: its channel stays', async () => {
  const { connection, deliver, cancel } = given();
  const onReply = vi.fn().mockRejectedValueOnce(new MessagingError('storage.unavailable', 'The store is away.'));
  const transport = amqpTransport(connection, { to: 'q', onReply });
  stops.push(() => transport.close());
  const message = createMessage(update, { Patient: { resourceType: 'Patient' } }, { source });
  await transport({ message, bytes: message.bytes, attempt: 1, async: true, signal: new AbortController().signal });
  const delivered = deliver({ body: createReply(message, { source: 'https://ward.example.org' }).bytes });
  await expect.poll(() => onReply).toHaveBeenCalledTimes(1);
  cancel();

  expect(await delivered).toBe(0);
  expect(onReply).toHaveBeenCalledTimes(2);
});

it('a connection is listened to once, however many consume from it: Node warns of more than ten', () => {
  const { connection, listeners } = given();
  const receiver = createReceiver({ source: 'https://ward.example.org' }).on(update, () => undefined);
  for (let count = 0; count < 12; count += 1) {
    const consumption = amqpReceiver(connection, receiver, { queue: `q${count}` });
    stops.push(() => consumption.close());
  }

  expect(listeners).toHaveLength(1);
});
