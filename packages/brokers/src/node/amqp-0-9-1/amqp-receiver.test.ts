import { createMessage, defineEvent, isMessagingError } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import { expect, it } from 'vitest';
import { amqpReceiver, amqpTransport } from './index.ts';
import type { RabbitConnection, RabbitEnvelope, RabbitMessage } from './index.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const admission = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
const { bytes } = admission;

/** Writes as `rabbitmq-client` does, whose reading of a number may be none that it can write. */
function write({ headers = {}, timestamp = 0 }: RabbitEnvelope): void {
  BigInt(timestamp);
  if (timestamp >= 2 ** 64) throw new RangeError('out of range');
  for (const value of Object.values(headers)) if (typeof value === 'number') BigInt(value);
}

/** A connection that takes whatever can be written, and hands over what it is told to. */
function given() {
  const written: RabbitEnvelope[] = [];
  let take: (message: RabbitMessage) => Promise<number> = () => Promise.reject(new Error('nothing is received'));
  const connection: RabbitConnection = {
    ready: true,
    createPublisher: () => ({
      async send(envelope) {
        write(envelope);
        written.push(envelope);
      },
      on: () => undefined,
      close: () => Promise.resolve(),
    }),
    createConsumer(_, handler) {
      take = handler;
      return { on: () => undefined, close: () => Promise.resolve() };
    },
    queueDeclare: () => Promise.resolve(),
    queueDelete: () => Promise.resolve(),
    on: () => undefined,
  };
  return { connection, written, deliver: (message: RabbitMessage) => take(message) };
}

it.each(['fatal-error', 'transient-error'] as const)('a copy of what came leaves out numbers that can be read and not written, after a %s', async (code) => {
  const { connection, written, deliver } = given();
  const told: unknown[] = [];
  const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, () => ({ code }));
  const receiving = amqpReceiver(connection, receiver, { queue: 'q', retryDelaysMs: [1], onError: (error) => void told.push(error) });
  const headers = { 'x-own': Number.NaN, traceparent: 'kept' };

  expect(await deliver({ body: bytes, contentType: 'application/fhir+json', timestamp: 2 ** 64, headers })).toBe(0);
  const [copy] = written;
  expect([written.length, copy?.routingKey]).toEqual([1, code === 'fatal-error' ? 'q.dead' : 'q.retry.1']);
  expect(copy).not.toHaveProperty('timestamp');
  expect(copy?.headers).toMatchObject({ traceparent: 'kept' });
  expect(copy?.headers).not.toHaveProperty(['x-own']);
  expect(told.every(isMessagingError)).toBe(true);
  await receiving.close();
});

it('a copy of what came has its priority, and bytes among its headers as text, those within tables and lists too, which the client would write as a table of numbers', async () => {
  const { connection, written, deliver } = given();
  const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, () => ({ code: 'fatal-error' }));
  const receiving = amqpReceiver(connection, receiver, { queue: 'q' });

  expect(await deliver({ body: bytes, contentType: 'application/fhir+json', priority: 7, headers: { 'x-own': Buffer.from('höhe'), 'x-table': { inner: [Buffer.from('tiefe'), 7] } } })).toBe(0);
  expect(written).toEqual([expect.objectContaining({ routingKey: 'q.dead', priority: 7, headers: expect.objectContaining({ 'x-own': 'höhe', 'x-table': { inner: ['tiefe', 7] } }) })]);
  await receiving.close();
});

it.each([
  [2, 3],
  [2.5, 2],
  ['many', 2],
])('takes an attempt that says %j for no count where it is none: the copy says %j', async (attempt, next) => {
  const { connection, written, deliver } = given();
  const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admit, () => ({ code: 'transient-error' }));
  const receiving = amqpReceiver(connection, receiver, { queue: 'q', retryDelaysMs: [1] });

  expect(await deliver({ body: bytes, contentType: 'application/fhir+json', headers: { 'fhir-attempt': attempt } })).toBe(0);
  expect(written).toEqual([expect.objectContaining({ routingKey: 'q.retry.1', headers: expect.objectContaining({ 'fhir-attempt': next }) })]);
  await receiving.close();
});

it('refuses an address for the reply that the field has no room for: it would go out without one', async () => {
  const { connection, written } = given();
  const transport = amqpTransport(connection, { to: 'q', replyQueue: false });
  const send = (responseUrl: string) => transport({ message: admission, bytes, attempt: 1, async: true, responseUrl, signal: new AbortController().signal });

  await expect(send(`https://app.example.org/${'x'.repeat(232)}`)).rejects.toMatchObject({ code: 'input.limit', delivery: 'no' });
  expect(written).toEqual([]);
  await send(`https://app.example.org/${'x'.repeat(231)}`);
  expect(written).toEqual([expect.objectContaining({ replyTo: expect.stringContaining('https://app.example.org/x') })]);
  await transport.close();
});
