export { kafkaTransport } from './kafka/kafka-transport.ts';
export type { KafkaTransportOptions } from './kafka/kafka-transport.ts';
export { kafkaReplies } from './kafka/kafka-replies.ts';
export type { KafkaReplies, KafkaRepliesOptions } from './kafka/kafka-replies.ts';
export { receiveFromKafka } from './kafka/receive-from-kafka.ts';
export type { KafkaReceiving, KafkaReceivingOptions } from './kafka/receive-from-kafka.ts';
export type { Gap } from './kafka/carry-out.ts';
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
