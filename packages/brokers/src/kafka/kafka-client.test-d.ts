import { Consumer } from '@platformatic/kafka';
import type { Producer } from '@platformatic/kafka';
import { describe, expectTypeOf, it } from 'vitest';
import type { KafkaConsumer, KafkaConsumerFactory, KafkaProducer } from './kafka-client.ts';

describe("@platformatic/kafka's own client", () => {
  it('fits the ports', () => {
    expectTypeOf<Producer>().toExtend<KafkaProducer>();
    expectTypeOf<Consumer>().toExtend<KafkaConsumer>();
  });

  it('takes the settings that a consumer has to be made with', () => {
    const make: KafkaConsumerFactory = (settings) => new Consumer({ ...settings, groupId: 'ward', clientId: 'ward', bootstrapBrokers: ['kafka.example.org:9092'] });
    expectTypeOf(make).toExtend<KafkaConsumerFactory>();
  });
});
