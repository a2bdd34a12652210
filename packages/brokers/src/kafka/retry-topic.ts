import { attemptHeader, attemptIn } from '../consume/attempt-count.ts';
import type { KafkaOutgoingRecord, KafkaRecord } from './kafka-client.ts';
import { textHeaders } from './kafka-table.ts';
import { recordCopy } from './record-copy.ts';

const notBeforeHeader = 'fhir-not-before';

/** The topic where messages wait for a delay. All in it wait equally long, so that the first to come is the first to go on. */
export function retryTopic(topic: string, delayMs: number): string {
  return `${topic}.retry.${delayMs}`;
}

/** A copy of a record for a retry topic, with its next attempt's number and time. @param isFirst - whether the record is not from a retry topic. */
export function forRetry(record: KafkaRecord, topic: string, nextAttempt: number, atMs: number, isFirst: boolean): KafkaOutgoingRecord {
  return recordCopy(record, topic, { [attemptHeader]: String(nextAttempt), [notBeforeHeader]: new Date(atMs).toISOString() }, isFirst);
}

/** The number of this attempt. */
export function attemptOf({ headers }: KafkaRecord): number {
  return attemptIn(textHeaders(headers));
}

/** The time from which a record may be tried, in milliseconds; 0 where it does not say. */
export function notBeforeMs({ headers }: KafkaRecord): number {
  const time = Date.parse(textHeaders(headers)[notBeforeHeader] ?? '');
  return Number.isNaN(time) ? 0 : time;
}
