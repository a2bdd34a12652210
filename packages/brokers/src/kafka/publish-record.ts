import { MessagingError, untilAborted } from '@fhir-messaging/core';
import type { Delivery } from '@fhir-messaging/core';
import { misused, noTopic, reasonsIn } from './error-reasons.ts';
import type { KafkaOutgoingRecord, KafkaProducer } from './kafka-client.ts';

/** Kafka's `acks` for a confirmation by all replicas in sync. */
const allReplicas = -1;

/**
 * Writes a record, and resolves when all replicas in sync have it. The idempotent producer adds it once, however often it tries.
 *
 * @param mayHaveArrived - is called just before the broker may have it.
 * @throws {MessagingError} `input.limit` where the broker refuses its size, `address.refused` where there is no such topic, `transport.failed`; with
 * `delivery: 'no'` where the broker surely has nothing.
 */
export async function publishRecord(producer: KafkaProducer, record: KafkaOutgoingRecord, signal: AbortSignal, mayHaveArrived: () => void): Promise<void> {
  signal.throwIfAborted();
  // Before the call: when the client really sends is not seen from here.
  mayHaveArrived();
  try {
    await untilAborted(producer.send({ messages: [record], acks: allReplicas, idempotent: true }), signal);
  } catch (cause) {
    signal.throwIfAborted();
    const reasons = reasonsIn(cause);
    if (reasons.some((reason) => tooLarge.has(reason))) {
      const { byteLength } = record.value;
      throw new MessagingError('input.limit', `The broker takes no message of ${byteLength} bytes (its message.max.bytes): nothing was sent.`, { delivery: 'no', cause });
    }
    if (reasons.every((reason) => noTopic.has(reason))) {
      throw new MessagingError('address.refused', 'There is no such topic, or none that may be written to: nothing was sent.', { delivery: 'no', cause });
    }
    const delivery: Delivery = reasons.length > 0 && reasons.every((reason) => notWritten.has(reason)) ? 'no' : 'unknown';
    throw new MessagingError('transport.failed', `Kafka did not take the message (${[...new Set(reasons)].join(', ') || 'unknown'}).`, { delivery, cause });
  }
}

const tooLarge: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

const notWritten: ReadonlySet<string> = new Set([
  ...tooLarge,
  ...noTopic,
  misused,
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'NOT_ENOUGH_REPLICAS',
  'POLICY_VIOLATION',
]);
