import { retryDelayMs } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import type { Verdict } from '../consume/verdict.ts';
import { GiveUp } from './follow/follow-topics.ts';
import { encodeHeaders, textHeaders, writeFields } from './kafka-table.ts';
import type { KafkaOutgoingRecord, KafkaProducer, KafkaRecord } from './kafka-client.ts';
import { publishRecord } from './publish-record.ts';

/** A message that its partition goes on without. */
export interface Gap {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** The ordering key, where the record has one: what comes behind under it is processed all the same. */
  readonly key: string | undefined;
  /** Why. */
  readonly issues: readonly Issue[];
}

/** What verdicts are carried out with. */
export interface CarryingOut {
  readonly producer: KafkaProducer;
  readonly deadLetterTopic: string;
  readonly confirmTimeoutMs: number;
  readonly onGap: (gap: Gap) => void;
}

/** Publishes a reply. Where that fails, its request is not done, and the stored reply is published when it comes again. */
export async function publishReply({ reply }: Pick<Extract<Verdict, { kind: 'done' | 'dead' }>, 'reply'>, carrying: CarryingOut): Promise<void> {
  if (reply !== undefined) {
    await publish({ topic: reply.target, value: reply.bytes, ...writeFields(reply.properties) }, carrying);
  }
}

/**
 * Writes a dead letter: the record's own bytes, key and headers, with the reason as an OperationOutcome and where it was.
 *
 * @throws {GiveUp} where it cannot be written: nothing may be lost.
 */
export async function writeDeadLetter(record: KafkaRecord, { issues, outcome }: Extract<Verdict, { kind: 'dead' }>, carrying: CarryingOut): Promise<void> {
  try {
    await publish(forwarded(record, carrying.deadLetterTopic, { 'x-fhir-error-outcome': outcome }), carrying);
  } catch (cause) {
    throw new GiveUp('The dead letter could not be written.', { cause });
  }
  const { topic, partition, offset, key } = record;
  carrying.onGap({ topic, partition, offset, key: key && new TextDecoder().decode(key), issues });
}

/** The same record for another topic; it keeps where it was first. */
export function forwarded(record: KafkaRecord, topic: string, headers: Readonly<Record<string, string>>): KafkaOutgoingRecord {
  const origin = { 'x-fhir-original-topic': record.topic, 'x-fhir-original-partition': String(record.partition), 'x-fhir-original-offset': String(record.offset) };
  return {
    topic,
    ...(record.key && { key: record.key }),
    value: record.value ?? new Uint8Array(),
    headers: encodeHeaders({ ...origin, ...textHeaders(record.headers), ...headers }),
  };
}

/** Publishes under a time limit of our own, whatever becomes of the record's partition meanwhile. */
export async function publish(record: KafkaOutgoingRecord, { producer, confirmTimeoutMs }: CarryingOut): Promise<void> {
  await publishRecord(producer, record, AbortSignal.timeout(confirmTimeoutMs));
}

/** How long to wait before the next attempt: what the receiver asks for, else longer each time. */
export function delayBefore(attempt: number, { afterMs }: Extract<Verdict, { kind: 'again' }>, random: () => number): number {
  return afterMs ?? retryDelayMs(attempt, undefined, {}, random);
}
