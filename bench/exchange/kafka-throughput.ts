import { createMessenger } from '@fhir-messaging/core';
import { kafkaReceiver, kafkaTransport } from '@fhir-messaging/brokers/kafka';
import { Consumer, Producer } from '@platformatic/kafka';
import { startKafka } from '../../test/brokers/kafka/kafka-cluster.ts';
import { kafkaJars } from '../../test/brokers/kafka/kafka-jars.ts';
import { createTopics } from '../../test/brokers/kafka/topics.ts';
import { brokerRow } from './broker-row.ts';
import type { ExchangeRow } from './exchange-row.ts';

/** What a messenger and a receiver cost over Kafka's client, each message published, confirmed and consumed. */
export const kafkaThroughput: ExchangeRow = brokerRow(
  'kafka',
  'the Producer and the Consumer of @platformatic/kafka: acks of all replicas, idempotent, three partitions, one record after the other, offsets committed by the client itself, on both sides the default fetch',
  async (flow) => {
    const cluster = await startKafka(kafkaJars());
    const options = { clientId: 'bench', bootstrapBrokers: [...cluster.brokers] };
    const producer = new Producer(options);
    await createTopics(options.bootstrapBrokers, 'ours', 'ours.dead', 'bare');
    const receiving = kafkaReceiver(flow.newReceiver(), { topic: 'ours', producer, consumer: (settings) => new Consumer({ ...settings, ...options, groupId: 'ours' }) });
    await receiving.ready;
    const messenger = createMessenger({ transport: kafkaTransport(producer, { topic: 'ours', orderingSecret: 'of the bench alone', orderBy: ({ identity }) => identity.message }) });

    const consumer = new Consumer({ ...options, groupId: 'bare' });
    const stream = await consumer.consume({ topics: ['bare'], mode: 'earliest' });
    const handle = flow.newBareHandler();
    const reading = (async () => {
      for await (const { value } of stream) await handle(value);
    })();
    return {
      ours: ({ message }) => messenger.send(message),
      bare: ({ id, body }) => producer.send({ messages: [{ topic: 'bare', key: Buffer.from(id), value: body }], acks: -1, idempotent: true }),
      async stop() {
        await receiving.close();
        await consumer.close(true);
        await reading.catch(() => undefined);
        await producer.close();
        await cluster.stop();
      },
    };
  },
);
