import type { Transport } from '@fhir-messaging/core';
import { brokerTransport } from '../exchange/broker-transport.ts';
import type { BrokerTransportOptions } from '../exchange/broker-transport.ts';
import type { KafkaProducer } from './kafka-client.ts';
import type { KafkaReplies } from './kafka-replies.ts';
import { writeFields } from './kafka-table.ts';
import { publishRecord } from './publish-record.ts';
import { requirePlatform } from './require-platform.ts';

/** Where messages go, and where replies come from. */
export interface KafkaTransportOptions extends BrokerTransportOptions {
  readonly topic: string;
  /** Where replies come in: `kafkaReplies`. @defaultValue none: a send resolves as `accepted` when the broker has the message */
  readonly replies?: KafkaReplies | undefined;
  /** The largest message that goes out, in bytes, its key and headers not counted. @defaultValue 921_600: what a broker takes by default, with room for those */
  readonly maxMessageBytes?: number | undefined;
}

/**
 * Sends messages to a Kafka topic: the message's own bytes, its properties as headers, its ordering key as the record's key.
 *
 * A send is confirmed by all replicas in sync. How many those are, the topic's `min.insync.replicas` says; that they survive, the brokers promise.
 *
 * @throws {MessagingError} `platform.unsupported` before Node 22.22. A send: `input.limit`, `transport.failed`, `transport.timeout`.
 * @example const messenger = createMessenger({ transport: kafkaTransport(producer, { topic: 'referrals', replies }) });
 */
export function kafkaTransport(producer: KafkaProducer, options: KafkaTransportOptions): Transport {
  requirePlatform();
  const { topic, replies, maxMessageBytes = 921_600 } = options;
  return brokerTransport(
    {
      publish: ({ bytes, properties }, signal) => publishRecord(producer, { topic, value: bytes, ...writeFields(properties) }, signal),
      maxMessageBytes,
      replies,
    },
    options,
  );
}
