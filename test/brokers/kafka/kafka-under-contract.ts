import { kafkaReceiver, kafkaTransport } from '@fhir-messaging/brokers/kafka';
import type { KafkaConsumerFactory } from '@fhir-messaging/brokers/kafka';
import { Consumer, Producer } from '@platformatic/kafka';
import { randomUUID } from 'node:crypto';
import type { BrokerUnderContract } from '../broker-contract.ts';
import { rawOf, readBare, writeBare } from './bare-topic.ts';
import type { BareTopic } from './bare-topic.ts';
import { countRecords, createTopics } from './topics.ts';

/** The table of the package's README. */
const names: BrokerUnderContract['names'] = {
  contentType: 'header content-type',
  messageId: 'header ce_id',
  envelopeId: 'header fhir-bundle-id',
  correlationId: 'header correlation-id',
  type: 'header ce_type',
  source: 'header ce_source',
  destination: 'header ce_fhirdestination',
  time: 'header ce_time',
  subject: 'header ce_subject',
  specVersion: 'header ce_specversion',
  responseCode: 'header fhir-response-code',
  replyTarget: 'header fhir-reply-topic',
  orderingKey: 'key',
  traceparent: 'header traceparent',
};

/** Consumers for tests: soon told of what is there, soon missed. */
export function consumerFactory(bootstrapBrokers: string[], groupId?: string): KafkaConsumerFactory {
  return (settings) =>
    new Consumer({ ...settings, ...(groupId !== undefined && { groupId }), clientId: 'contract', bootstrapBrokers, maxWaitTime: 100, sessionTimeout: 3000, rebalanceTimeout: 5000, heartbeatInterval: 300 });
}

/** Kafka, for the contract. */
export async function kafkaUnderContract(broker: string): Promise<BrokerUnderContract> {
  const bootstrapBrokers = [broker];
  const producer = new Producer({ clientId: 'contract', bootstrapBrokers });
  return {
    names,
    async open() {
      const topic = `contract.${randomUUID()}`;
      const dead = `${topic}.dead`;
      await createTopics(bootstrapBrokers, topic, dead, `${topic}.retry.1`, `${topic}.replies`);
      const bare = new Map<string, Promise<BareTopic>>();
      const bareOf = (name: string): Promise<BareTopic> => {
        const known = bare.get(name) ?? readBare(bootstrapBrokers, name);
        bare.set(name, known);
        return known;
      };
      const handedOver = new Set<Uint8Array>();
      return {
        transport: async ({ replies, onReply, ...choice }) => {
          const consumer = consumerFactory(bootstrapBrokers);
          return kafkaTransport(producer, { topic, ...choice, replies: replies ? { topic: `${topic}.replies`, consumer, onReply } : undefined });
        },
        async receive(receiver, { mayReply = true, ...choice } = {}) {
          const consumption = kafkaReceiver(receiver, {
            topic,
            producer,
            consumer: consumerFactory(bootstrapBrokers, topic),
            retryDelaysMs: [1],
            replyTargets: mayReply ? ['contract.*'] : [],
            senderOf: ({ bytes }) => void handedOver.add(bytes),
            ...choice,
          });
          await consumption.ready;
          return consumption;
        },
        publish: (message) => writeBare(producer, topic, message),
        take: async () => rawOf(await (await bareOf(topic)).next()),
        async takeDead() {
          const message = rawOf(await (await bareOf(dead)).next());
          return { ...message, outcome: message.says['header fhir-error-outcome'] ?? '' };
        },
        count: async () => (await countRecords(bootstrapBrokers, topic)) - handedOver.size,
        async close() {
          for (const each of bare.values()) await (await each).close();
        },
      };
    },
    close: () => producer.close(),
  };
}
