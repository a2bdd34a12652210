import { createMessage, defineEvent, isMessagingError } from '@fhir-messaging/core';
import { createReceiver } from '@fhir-messaging/receiver';
import { expect, it } from 'vitest';
import { amqpReceiver } from './index.ts';
import type { RabbitConnection, RabbitEnvelope, RabbitMessage } from './index.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const { bytes } = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });

/** Writes as `rabbitmq-client` does, whose reading of a number may be none that it can write. */
function write({ headers = {}, timestamp = 0 }: RabbitEnvelope): void {
  BigInt(timestamp);
  if (timestamp >= 2 ** 64) throw new RangeError('out of range');
  for (const value of Object.values(headers)) if (typeof value === 'number') BigInt(value);
}

it.each(['fatal-error', 'transient-error'] as const)('a copy of what came leaves out numbers that can be read and not written, after a %s', async (code) => {
  const written: RabbitEnvelope[] = [];
  const told: unknown[] = [];
  let deliver: (message: RabbitMessage) => Promise<number> = () => Promise.reject(new Error('nothing is received'));
  const connection: RabbitConnection = {
    createPublisher: () => ({
      async send(envelope) {
        write(envelope);
        written.push(envelope);
      },
      on: () => undefined,
      close: () => Promise.resolve(),
    }),
    createConsumer(_, handler) {
      deliver = handler;
      return { on: () => undefined, close: () => Promise.resolve() };
    },
    queueDeclare: () => Promise.resolve(),
    queueDelete: () => Promise.resolve(),
  };
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
