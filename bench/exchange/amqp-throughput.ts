import { createMessenger } from '@fhir-messaging/core';
import { amqpReceiver, amqpTransport, declareQueues } from '@fhir-messaging/brokers/amqp-0-9-1';
import { randomUUID } from 'node:crypto';
import { Connection } from 'rabbitmq-client';
import type { ExchangeRow } from './exchange-row.ts';
import { flowOf } from './flow.ts';

const url = process.env['FHIR_MESSAGING_RABBITMQ_URL'];

/** What a messenger and a receiver cost over RabbitMQ's client, each message published, confirmed and consumed; none where no broker is given. */
export const amqpThroughput: readonly ExchangeRow[] = url === undefined ? [] : [rowOn(url)];

function rowOn(broker: string): ExchangeRow {
  return {
    name: 'amqp.throughput',
    protocol:
      'A messenger on amqpTransport and an amqpReceiver by AMQP 0-9-1; bare is the publisher, with confirms, and the consumer of rabbitmq-client, which hands what it reads to the same kind of receiver and acknowledges. The same bytes on the same broker, durable classic queues, mandatory, prefetch 20; 8 senders, each the next message when it has its confirmation; until the last is handled. One process for both sides. A message of 20 entries has 11 kB; it is written before. Bar: 0.8 of the bare throughput.',
    bars: { 20: 1 / 0.8 },
    async prepare(input) {
      const connection = new Connection(broker);
      const [ours, bare] = [`ours.${randomUUID()}`, `bare.${randomUUID()}`];
      await declareQueues(connection, { queue: ours, type: 'classic', retryDelaysMs: [1000] });
      await declareQueues(connection, { queue: bare, type: 'classic', retryDelaysMs: [1000] });
      const flow = flowOf(input, 8);

      const receiving = amqpReceiver(connection, flow.newReceiver(), { queue: ours });
      const transport = amqpTransport(connection, { to: ours, replyQueue: false });
      const messenger = createMessenger({ transport });

      const bareReceiver = flow.newReceiver();
      const publisher = connection.createPublisher({ confirm: true });
      const consumer = connection.createConsumer({ queue: bare, concurrency: 20, qos: { prefetchCount: 20 }, queueOptions: { passive: true } }, async ({ body }) => {
        await bareReceiver.process(body);
      });
      const sides = {
        ours: () => flow.run(({ message }) => messenger.send(message)),
        bare: () => flow.run(({ body }) => publisher.send({ routingKey: bare, durable: true, mandatory: true, contentType: 'application/fhir+json' }, body)),
      };
      const [messages, answers] = [500, 50];
      return {
        messages,
        ...sides,
        before: () => flow.prepare(messages),
        answers: 2 * answers,
        async right() {
          flow.prepare(answers);
          await sides.ours();
          const right = flow.handled();
          await sides.bare();
          return right + flow.handled();
        },
        async stop() {
          await receiving.close();
          await transport.close();
          await consumer.close();
          await publisher.close();
          for (const queue of [ours, bare]) for (const name of [queue, `${queue}.dead`, `${queue}.retry.1000`]) await connection.queueDelete(name);
          await connection.close();
        },
      };
    },
  };
}
