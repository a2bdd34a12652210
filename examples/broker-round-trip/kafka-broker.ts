import { kafkaReceiver, kafkaTransport } from '@fhir-messaging/brokers/kafka';
import type { KafkaConsumerSettings } from '@fhir-messaging/brokers/kafka';
import { Admin, Consumer, Producer } from '@platformatic/kafka';
import { place } from './broker.ts';
import type { Broker } from './broker.ts';

/** Kafka. The two processes know nothing of it but this. */
export function kafkaBroker(host: string): Broker {
  const options = { clientId: 'round-trip', bootstrapBrokers: [host] };
  const producer = new Producer(options);
  return {
    async prepare() {
      const admin = new Admin(options);
      const known = await admin.listTopics();
      const topics = [place, `${place}.dead`, `${place}.replies`].filter((topic) => !known.includes(topic));
      if (topics.length > 0) await admin.createTopics({ topics, partitions: 3, replicas: -1 });
      await admin.close();
    },
    send() {
      const replies = { topic: `${place}.replies`, consumer: (settings: KafkaConsumerSettings) => new Consumer({ ...settings, ...options }) };
      return Promise.resolve(kafkaTransport(producer, { topic: place, replies, orderingSecret: 'shared by all who send' }));
    },
    async receive(receiver) {
      const consumption = kafkaReceiver(receiver, {
        topic: place,
        producer,
        consumer: (settings) => new Consumer({ ...settings, ...options, groupId: 'manager' }),
        replyTargets: [`${place}.replies`],
      });
      await consumption.ready;
      return consumption;
    },
    close: () => producer.close(),
  };
}
