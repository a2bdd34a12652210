import { createMessage, createMessenger, defineEvent, MessagingError } from '@fhir-messaging/core';
import type { Issue, Message, Transport } from '@fhir-messaging/core';
import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import type { BrokerTransportOptions } from './exchange/broker-transport.ts';
import { kafkaTransport } from './kafka/kafka-transport.ts';
import * as amqp091 from './node/amqp-0-9-1/index.ts';
import * as amqp10 from './node/amqp-1-0/index.ts';

const admit = defineEvent({ uri: 'https://ward.example.org/events/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const source = 'https://app.example.org';
const message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source });

/** The transport's options, and where its messages go. */
type Given = BrokerTransportOptions & { readonly to: (message: Message) => string };

/** A transport, which takes replies from now on if it is told to; `send` counts what is sent by its client, `listen` what listens. */
type Open = (given: Given, client: { readonly send: () => Promise<void>; readonly listen: () => never }, takesReplies: boolean) => Transport;

const kinds: readonly [name: string, open: Open][] = [
  [
    'AMQP 0-9-1',
    (given, { send, listen }, takesReplies) => {
      const publisher = { send, on: () => undefined, close: () => Promise.resolve() };
      const connection = { ready: true, createPublisher: () => publisher, createConsumer: listen, queueDeclare: async () => listen(), queueDelete: () => Promise.resolve(), on: () => undefined };
      return amqp091.amqpTransport(connection, { ...given, replyQueue: takesReplies && 'replies', onReply: () => undefined });
    },
  ],
  [
    'AMQP 1.0',
    (given, { send, listen }, takesReplies) => {
      const sender = Object.assign(new EventEmitter(), { is_open: () => true, sendable: () => true, send });
      const session = Object.assign(new EventEmitter(), { begin: () => undefined, is_open: () => true, close: () => undefined, open_sender: () => sender, open_receiver: listen });
      const container = { message: { data_section: () => ({}) } };
      const connection: amqp10.RheaConnection = Object.assign(new EventEmitter(), { container, create_session: () => session, is_open: () => true });
      return amqp10.amqpTransport(connection, { ...given, replies: takesReplies && { queue: 'replies' }, onReply: () => undefined });
    },
  ],
  ['Kafka', ({ to: topic, ...given }, { send, listen }, takesReplies) => kafkaTransport({ send }, { ...given, topic, replies: takesReplies ? { topic: 'replies', consumer: listen } : undefined })],
];

function given() {
  const send = vi.fn(() => Promise.resolve());
  const listen = vi.fn((): never => {
    throw new Error('nothing is received');
  });
  return { send, listen };
}

describe.each(kinds)('%s', (_, open) => {
  it.each([
    ['too short', { orderingSecret: 'short' }],
    ['missing beside orderBy', { orderBy: () => 'a number' }],
  ])('listens to nothing where orderingSecret is %s: nobody could end that', async (_why, options) => {
    const client = given();

    expect(() => open({ to: () => 'q', ...options }, client, true)).toThrow(TypeError);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(client.listen).not.toHaveBeenCalled();
  });

  it.each(['orderBy', 'trace', 'to'])("a MessagingError that %s throws ends the send with its code and issues, and delivery no: another try is of no use", async (option) => {
    const client = given();
    const issues: readonly Issue[] = [{ severity: 'error', code: 'not-found', rule: 'no-such-patient' }];
    const fail = vi.fn((): never => {
      throw new MessagingError('message.invalid', 'It can never go.', { issues, delivery: 'unknown' });
    });
    const transport = open({ to: () => 'q', orderingSecret: 'sixteen bytes or more', [option]: fail }, client, false);

    await expect(createMessenger({ transport, source }).send(message)).rejects.toMatchObject({ code: 'message.invalid', message: 'It can never go.', issues, delivery: 'no' });
    expect(fail).toHaveBeenCalledTimes(1);
    expect(client.send).not.toHaveBeenCalled();
  });

  it('any other error that its function for where messages go throws is the cause of a transport.failed with delivery no', async () => {
    const client = given();
    const cause = new TypeError('no such patient');
    const fail = (): never => {
      throw cause;
    };

    await expect(createMessenger({ transport: open({ to: fail }, client, false), source, retry: { maxAttempts: 1 } }).send(message)).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no', cause });
    expect(client.send).not.toHaveBeenCalled();
  });

  it('nothing is sent where its function for where messages go aborts the send', async () => {
    const client = given();
    const controller = new AbortController();
    const to = (): string => {
      controller.abort(new Error('signed out'));
      return 'q';
    };

    await expect(createMessenger({ transport: open({ to }, client, false), source }).send(message, { signal: controller.signal })).rejects.toThrow('signed out');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(client.send).not.toHaveBeenCalled();
  });
});
