import { createMessenger } from '@fhir-messaging/core';
import { amqpReceiver, amqpTransport, declareQueues } from '@fhir-messaging/brokers/amqp-0-9-1';
import { Connection } from 'rabbitmq-client';
import { brokerRow } from './broker-row.ts';
import type { ExchangeRow } from './exchange-row.ts';
import { rabbitForBench } from './rabbit-for-bench.ts';

/** What a messenger and a receiver cost over RabbitMQ's client by AMQP 0-9-1, each message published, confirmed and consumed. */
export const amqp091Throughput: ExchangeRow = brokerRow(
  'amqp-0-9-1',
  'the publisher and the consumer of rabbitmq-client: confirms, mandatory, durable messages in a durable classic queue, 20 messages handed over and worked on at once, each acknowledged when it is handled',
  async (flow) => {
    const server = await rabbitForBench();
    const connection = new Connection(server.url);
    for (const queue of ['ours', 'bare']) await declareQueues(connection, { queue, type: 'classic' });
    const receiving = amqpReceiver(connection, flow.newReceiver(), { queue: 'ours' });
    const transport = amqpTransport(connection, { to: 'ours', replyQueue: false });
    const messenger = createMessenger({ transport });

    const publisher = connection.createPublisher({ confirm: true });
    const handle = flow.newBareHandler();
    const consumer = connection.createConsumer({ queue: 'bare', concurrency: 20, qos: { prefetchCount: 20 }, queueOptions: { passive: true } }, ({ body }) => handle(body));
    return {
      ours: ({ message }) => messenger.send(message),
      bare: ({ body }) => publisher.send({ routingKey: 'bare', durable: true, mandatory: true, contentType: 'application/fhir+json' }, body),
      async stop() {
        await receiving.close();
        await transport.close();
        await consumer.close();
        await publisher.close();
        await connection.close();
        await server.stop();
      },
    };
  },
);
