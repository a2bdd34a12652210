export { kafkaTransport } from './kafka/kafka-transport.ts';
export type { KafkaTransport, KafkaTransportOptions } from './kafka/kafka-transport.ts';
export type { ReplyTopicOptions } from './kafka/reply-topic.ts';
export { kafkaReceiver } from './kafka/kafka-receiver.ts';
export type { KafkaConsumption, KafkaReceiverOptions } from './kafka/kafka-receiver.ts';
export type { KafkaGap } from './kafka/kafka-line.ts';
export type { Following } from './kafka/follow/follow-topics.ts';
export type { StartFrom } from './kafka/follow/start-positions.ts';
export type {
  KafkaAssignment,
  KafkaConsumer,
  KafkaConsumerFactory,
  KafkaConsumerSettings,
  KafkaOffsets,
  KafkaOutgoingRecord,
  KafkaPosition,
  KafkaProducer,
  KafkaRecord,
  KafkaSending,
  KafkaStream,
} from './kafka/kafka-client.ts';
