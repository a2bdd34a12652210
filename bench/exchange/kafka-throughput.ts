import { createMessenger, readMessage } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { kafkaReceiver, kafkaTransport } from '@fhir-messaging/brokers/kafka';
import { createReceiver } from '@fhir-messaging/receiver';
import type { Receiver } from '@fhir-messaging/receiver';
import { Consumer, Producer } from '@platformatic/kafka';
import { randomUUID } from 'node:crypto';
import { startKafka } from '../../test/brokers/kafka/kafka-cluster.ts';
import { kafkaJars } from '../../test/brokers/kafka/kafka-jars.ts';
import { createTopics } from '../../test/brokers/kafka/topics.ts';
import { event } from '../event.ts';
import type { ExchangeRow } from './exchange-row.ts';
import { postingsOf } from './load.ts';
import type { Posting } from './load.ts';

const senders = 8;
const clientId = 'bench';

interface Outgoing extends Posting {
  readonly message: Message;
}

/** What a messenger and a receiver cost over Kafka's client, each message published, confirmed and consumed. */
export const kafkaThroughput: ExchangeRow = {
  name: 'kafka.throughput',
  protocol:
    'A messenger on kafkaTransport and a kafkaReceiver; bare is the Producer and the Consumer of @platformatic/kafka, which hands what it reads to the same kind of receiver, one record after the other, and commits by itself. The same bytes on the same broker and three partitions, acks of all, idempotent; 8 senders, each the next message when it has its confirmation; until the last is handled. One process for both sides, the broker in its own. A message of 20 entries has 11 kB; it is written before. Bar: 0.8 of the bare throughput.',
  bars: { 20: 1 / 0.8 },
  async prepare(input) {
    const cluster = await startKafka(kafkaJars());
    const bootstrapBrokers = [...cluster.brokers];
    const producer = new Producer({ clientId, bootstrapBrokers });
    const [ours, bare] = [`ours.${randomUUID()}`, `bare.${randomUUID()}`];
    await createTopics(bootstrapBrokers, ours, `${ours}.dead`, bare);
    const fresh = postingsOf(input);
    const messages = 1000;
    let next: readonly Outgoing[] = [];
    const prepared = (count: number): readonly Outgoing[] => fresh(count).map((posting) => ({ ...posting, message: readMessage(posting.body, { event }) }));

    const seen = new Set<string>();
    let waiting: { readonly count: number; readonly resolve: () => void } | undefined;
    const see = (id: string): void => {
      seen.add(id);
      if (seen.size === waiting?.count) waiting.resolve();
    };
    /** Publishes all, and resolves when all were consumed. */
    const flow = async (publish: (outgoing: Outgoing) => Promise<unknown>): Promise<void> => {
      seen.clear();
      const rest = next.values();
      const send = async (): Promise<void> => {
        for (const outgoing of rest) await publish(outgoing);
      };
      const consumed = new Promise<void>((resolve) => (waiting = { count: next.length, resolve }));
      await Promise.all(Array.from({ length: senders }, send));
      await consumed;
    };

    const newReceiver = (): Receiver =>
      createReceiver({ source: 'https://bench.example.org/fhir' }).on(event, ({ message, payload }) => {
        if (payload.ServiceRequest.length > 0) see(message.identity.message ?? '');
      });
    const receiving = kafkaReceiver(newReceiver(), { topic: ours, producer, consumer: (settings) => new Consumer({ ...settings, clientId, groupId: ours, bootstrapBrokers }) });
    await receiving.ready;
    const messenger = createMessenger({ transport: kafkaTransport(producer, { topic: ours, orderBy: ({ identity }) => identity.message }) });

    const consumer = new Consumer({ clientId, groupId: bare, bootstrapBrokers });
    const stream = await consumer.consume({ topics: [bare], mode: 'earliest' });
    const bareReceiver = newReceiver();
    const reading = (async () => {
      for await (const { value } of stream) await bareReceiver.process(value);
    })();
    const run = {
      ours: () => flow(({ message }) => messenger.send(message)),
      bare: () => flow(({ id, body }) => producer.send({ messages: [{ topic: bare, key: Buffer.from(id), value: body }], acks: -1, idempotent: true })),
    };
    const answers = 50;
    return {
      messages,
      ...run,
      before: () => {
        next = prepared(messages);
      },
      answers: 2 * answers,
      async right() {
        next = prepared(answers);
        await run.ours();
        const right = next.filter(({ id }) => seen.has(id)).length;
        await run.bare();
        return right + next.filter(({ id }) => seen.has(id)).length;
      },
      async stop() {
        await receiving.close();
        await consumer.close(true);
        await reading.catch(() => undefined);
        await producer.close();
        await cluster.stop();
      },
    };
  },
};
