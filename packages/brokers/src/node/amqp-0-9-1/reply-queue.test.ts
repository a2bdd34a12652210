import { createMessage, createReply, defineEvent, MessagingError } from '@fhir-messaging/core';
import { expect, it, vi } from 'vitest';
import { amqpTransport } from './index.ts';
import type { RabbitConnection, RabbitMessage } from './index.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
const reply = createReply(message, { source: 'https://ward.example.org' });

/** A transport that listens, and what hands a reply over to it, whose code of the client's it gives. */
async function listening(onReply: () => unknown, queueDeclare = () => Promise.resolve()) {
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
  const transport = amqpTransport(connection, { to: 'q', replyQueue: 'replies', onReply });
  return { transport, deliver: (redelivered: boolean) => take({ body: reply.bytes, contentType: 'application/fhir+json', redelivered }) };
}

it('replies in a queue with a name are taken before anything is sent: they came for the process before this one', async () => {
  const onReply = vi.fn();
  const declare = vi.fn(() => Promise.resolve()).mockRejectedValueOnce(new Error('the broker is away'));
  const { transport, deliver } = await listening(onReply, declare);
  await vi.waitFor(() => expect(declare).toHaveBeenCalledTimes(2), { timeout: 5000 });

  await vi.waitFor(async () => expect(await deliver(false)).toBe(0));
  expect(onReply).toHaveBeenCalledTimes(1);
  await transport.close();
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
