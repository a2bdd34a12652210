import { toIssues } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import type { QueueLine } from '../consume/work-on.ts';
import { withConfirmLimit } from '../exchange/confirm-limit.ts';
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
  /** The ordering key, where the record has one: what comes behind under it is processed all the same. */
  readonly key: string | undefined;
  /** Why. */
  readonly issues: readonly Issue[];
}

/** What is done for the work on records, whichever they are. */
export interface KafkaLineOptions {
  readonly producer: KafkaProducer;
  readonly topic: string;
  readonly deadLetterTopic: string;
  readonly confirmTimeoutMs: number;
  /** Whether what is tried again waits in a topic beside, and not in its partition. */
  readonly isRelaxed: boolean;
  readonly now: () => number;
  readonly onGap: (gap: KafkaGap) => void;
}

/** A line for one record, and why its dead letter could not be written. */
export interface KafkaLine extends QueueLine {
  readonly failure: { readonly error: unknown } | undefined;
}

/** What is done for the work on one record: each step is confirmed by all replicas in sync, or fails within the time limit. */
export function kafkaLine(record: KafkaRecord, { hold }: Pick<LaneWork, 'hold'>, options: KafkaLineOptions): KafkaLine {
  const { producer, topic, deadLetterTopic, confirmTimeoutMs, isRelaxed, now, onGap } = options;
  let failure: { readonly error: unknown } | undefined;
  // What has begun to be written is waited for, whatever becomes of the partition.
  const { signal } = new AbortController();
  const write = (copy: KafkaOutgoingRecord): Promise<void> => withConfirmLimit(confirmTimeoutMs, signal, (limited, mayHaveArrived) => publishRecord(producer, copy, limited, mayHaveArrived));
  return {
    get failure() {
      return failure;
    },
    // Nobody waits for a record whose dead letter cannot be written.
    wait: (delayMs) => (failure === undefined ? hold(delayMs) : Promise.resolve()),
    publishReply: ({ target, bytes, properties }) => write({ topic: target, value: bytes, ...writeFields(properties) }),
    async publishDead({ attempt }, outcome) {
      try {
        await write(recordCopy(record, deadLetterTopic, { 'fhir-error-outcome': outcome, 'fhir-error-attempts': String(attempt) }, record.topic === topic));
      } catch (error) {
        failure = { error };
        throw error;
      }
      const { partition, offset, key } = record;
      onGap({ topic: record.topic, partition, offset, key: key && new TextDecoder().decode(key), issues: toIssues(JSON.parse(outcome)) });
    },
    publishAgain: isRelaxed ? ({ attempt }, delayMs) => write(forRetry(record, retryTopic(topic, delayMs), attempt + 1, now() + delayMs, record.topic === topic)) : undefined,
  };
}
