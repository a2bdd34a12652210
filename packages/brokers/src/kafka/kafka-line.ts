import { toIssues } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import type { BrokerDelivery } from '../consume/broker-delivery.ts';
import type { QueueLine } from '../consume/work-on.ts';
import { withConfirmLimit } from '../exchange/confirm-limit.ts';
import { GiveUp } from './follow/follow-topics.ts';
import type { LaneWork } from './follow/lane.ts';
import { writeFields } from './kafka-table.ts';
import type { KafkaOutgoingRecord, KafkaProducer, KafkaRecord } from './kafka-client.ts';
import { publishRecord } from './publish-record.ts';
import { recordCopy } from './record-copy.ts';
import { forRetry, retryTopic } from './retry-topic.ts';

/** A message that its partition goes on without. */
export interface KafkaGap {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** The ordering key, where the record has one: records behind it with that key are processed nevertheless. */
  readonly key: string | undefined;
  /** Why. */
  readonly issues: readonly Issue[];
}

/** The options of the line for all records. */
export interface KafkaLineOptions {
  readonly producer: KafkaProducer;
  readonly topic: string;
  readonly deadLetterTopic: string;
  readonly confirmTimeoutMs: number;
  /** Whether records to be tried again wait in a retry topic, and not in their partition. */
  readonly isRelaxed: boolean;
  readonly now: () => number;
  readonly onGap: (gap: KafkaGap) => void;
}

/** The line for the work on one record: each step is confirmed by all replicas in sync, or fails within the time limit. */
export function kafkaLine(record: KafkaRecord, { hold }: Pick<LaneWork, 'hold'>, options: KafkaLineOptions): QueueLine {
  const { producer, topic, deadLetterTopic, confirmTimeoutMs, isRelaxed, now, onGap } = options;
  let failure: { readonly error: unknown } | undefined;
  // Never aborted: a write that has begun is waited for, whatever becomes of the partition.
  const { signal } = new AbortController();
  const write = (copy: KafkaOutgoingRecord): Promise<void> => withConfirmLimit(confirmTimeoutMs, signal, (limited, mayHaveArrived) => publishRecord(producer, copy, limited, mayHaveArrived));

  async function publishDead({ attempt }: BrokerDelivery, outcome: string): Promise<void> {
    try {
      await write(recordCopy(record, deadLetterTopic, { 'fhir-error-outcome': outcome, 'fhir-error-attempts': String(attempt) }, record.topic === topic));
    } catch (error) {
      failure = { error };
      throw error;
    }
    const { partition, offset, key } = record;
    onGap({ topic: record.topic, partition, offset, key: key && new TextDecoder().decode(key), issues: toIssues(JSON.parse(outcome)) });
  }

  const publishAgain = ({ attempt }: BrokerDelivery, delayMs: number): Promise<void> =>
    write(forRetry(record, retryTopic(topic, delayMs), attempt + 1, now() + delayMs, record.topic === topic));

  return {
    // A record whose dead letter cannot be written ends the receiving at once, without a wait.
    wait: (delayMs) => (failure === undefined ? hold(delayMs) : Promise.reject(new GiveUp('A dead letter could not be written.', { cause: failure.error }))),
    publishReply: ({ target, bytes, properties }) => write({ topic: target, value: bytes, ...writeFields(properties) }),
    publishDead,
    publishAgain: isRelaxed ? publishAgain : undefined,
  };
}
