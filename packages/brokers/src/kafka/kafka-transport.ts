import { MessagingError } from '@fhir-messaging/core';
import type { Message, Transport } from '@fhir-messaging/core';
import { brokerTransport } from '../exchange/broker-transport.ts';
import type { BrokerTransportOptions } from '../exchange/broker-transport.ts';
import { unsent } from '../exchange/unsent.ts';
import { requireSoundSecret } from '../mapping/ordering-key.ts';
import type { KafkaProducer } from './kafka-client.ts';
import { writeFields } from './kafka-table.ts';
import { publishRecord } from './publish-record.ts';
import { replyTopic } from './reply-topic.ts';
import type { ReplyTopicOptions } from './reply-topic.ts';
import { requirePlatform } from './require-platform.ts';

/** Where a transport's messages go, and where its replies come from. */
export interface KafkaTransportOptions extends BrokerTransportOptions {
  /** The topic, for every message or by message. It may throw, as `orderBy` may. */
  readonly topic: string | ((message: Message) => string);
  /** Where replies come in. @defaultValue none is waited for: a send resolves with `accepted` when the broker has the message */
  readonly replies?: ReplyTopicOptions | undefined;
  /** The largest message that goes out, in bytes, its key and headers not counted. @defaultValue 921_600: what a broker takes by default, with room for those */
  readonly maxMessageBytes?: number | undefined;
}

/** A transport that may listen to a reply topic. */
export interface KafkaTransport extends Transport {
  /** Where its replies come in; `undefined` where none are waited for. */
  readonly replyTarget: string | undefined;
  /** Ends every wait for a reply, with `closed`, and the consumer of replies; the producer stays its owner's. */
  close(): Promise<void>;
}

/**
 * Sends messages to a Kafka topic, through a producer of `@platformatic/kafka`: the message's own bytes, its properties as headers, its ordering
 * key as the record's key.
 *
 * An attempt resolves with the reply message that comes to the reply topic; where none is waited for, with custody once all replicas in sync have
 * the message. The topic's `min.insync.replicas` says how many those are at least.
 *
 * @throws {MessagingError} `platform.unsupported` before Node 22.22. A send: `input.limit` past `maxMessageBytes`, before anything is sent;
 * `address.refused` where there is no such topic; `transport.timeout` without a confirmation within `confirmTimeoutMs`; `transport.failed`;
 * `closed`; each with `delivery`.
 * @throws {TypeError} when `orderingSecret` is shorter than 16 bytes, or missing beside `orderBy`.
 * @example createMessenger({ transport: kafkaTransport(producer, { topic: 'referrals' }), source: 'https://app.example.org' })
 */
export function kafkaTransport(producer: KafkaProducer, options: KafkaTransportOptions): KafkaTransport {
  requirePlatform();
  requireSoundSecret(options);
  const { topic } = options;
  const replies = options.replies && replyTopic(options.replies);
  const publish = brokerTransport(
    {
      replies,
      maxMessageBytes: 921_600,
      async publish({ bytes, message, properties }, ...limit) {
        const target = await unsent(() => (typeof topic === 'function' ? topic(message) : topic));
        await publishRecord(producer, { topic: target, value: bytes, ...writeFields(properties) }, ...limit);
      },
    },
    options,
  );
  let isClosed = false;
  const transport: Transport = async (outgoing) => {
    if (isClosed) {
      throw new MessagingError('closed', 'The transport was closed.', { delivery: 'no' });
    }
    return publish(outgoing);
  };
  return Object.assign(transport, {
    replyTarget: options.replies?.topic,
    async close() {
      isClosed = true;
      await replies?.close();
    },
  });
}
