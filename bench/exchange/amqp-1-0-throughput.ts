import { createMessenger } from '@fhir-messaging/core';
import { declareQueues } from '@fhir-messaging/brokers/amqp-0-9-1';
import { amqpReceiver, amqpTransport, rabbit3Address as addressOf } from '@fhir-messaging/brokers/amqp-1-0';
import { Connection } from 'rabbitmq-client';
import { once } from 'node:events';
import rhea from 'rhea';
import type { Delivery, EventContext, Receiver } from 'rhea';
import { connect } from '../../test/brokers/bare-amqp-1-0.ts';
import { brokerRow } from './broker-row.ts';
import type { ExchangeRow } from './exchange-row.ts';
import { rabbitForBench } from './rabbit-for-bench.ts';

const prefetch = 20;

/** What a messenger and a receiver cost over rhea by AMQP 1.0, each message sent, accepted and received. */
export const amqp10Throughput: ExchangeRow = brokerRow(
  'amqp-1-0',
  'a sender and a receiver of rhea: durable messages in a durable classic queue, unsettled until the broker accepted, credit for 20 messages, a credit more for each that was handled and accepted',
  async (flow) => {
    const server = await rabbitForBench();
    const administration = new Connection(server.url);
    for (const queue of ['ours', 'bare']) await declareQueues(administration, { queue, type: 'classic' });
    const connection = await connect(server.url);
    const receiving = amqpReceiver(connection, flow.newReceiver(), { queue: 'ours', addressOf, prefetch });
    const transport = amqpTransport(connection, { to: 'ours', addressOf, replies: false });
    const messenger = createMessenger({ transport });

    const handle = flow.newBareHandler();
    const receiver: Receiver = connection.open_receiver({ source: { address: addressOf('bare') }, credit_window: 0, autoaccept: false });
    receiver.add_credit(prefetch);
    receiver.on('message', ({ message, delivery }: EventContext) => {
      void handle(message?.body.content).then(() => {
        delivery?.accept();
        receiver.add_credit(1);
      });
    });
    const sender = connection.open_sender({ target: { address: addressOf('bare') } });
    await once(sender, 'sendable');
    const unsettled = new Map<Delivery, () => void>();
    sender.on('accepted', ({ delivery }: EventContext) => {
      if (delivery === undefined) return;
      unsettled.get(delivery)?.();
      unsettled.delete(delivery);
    });
    return {
      ours: ({ message }) => messenger.send(message),
      bare: ({ body }) =>
        new Promise<void>((resolve) => {
          unsettled.set(sender.send({ durable: true, content_type: 'application/fhir+json', body: rhea.message.data_section(body) }), resolve);
        }),
      async stop() {
        await receiving.close();
        await transport.close();
        const closed = once(connection, 'connection_close');
        connection.close();
        await closed;
        await administration.close();
        await server.stop();
      },
    };
  },
);
