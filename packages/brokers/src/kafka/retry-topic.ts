import type { KafkaOutgoingRecord, KafkaRecord } from './kafka-client.ts';
import { textHeaders } from './kafka-table.ts';
import { recordCopy } from './record-copy.ts';

const attemptHeader = 'fhir-attempt';
const notBeforeHeader = 'fhir-not-before';

/** The topic where messages wait so long. All in it wait equally long, so that the first one to come is the first one to go on. */
export function retryTopic(topic: string, delayMs: number): string {
  return `${topic}.retry.${delayMs}`;
}

/** A record for a retry topic: as it came, with which attempt comes next, and when. @param isFirst - whether it did not come from one. */
export function forRetry(record: KafkaRecord, topic: string, nextAttempt: number, atMs: number, isFirst: boolean): KafkaOutgoingRecord {
  return recordCopy(record, topic, { [attemptHeader]: String(nextAttempt), [notBeforeHeader]: new Date(atMs).toISOString() }, isFirst);
}

/** Which attempt at a record this is. Anybody may write a header: what is no count is none. */
export function attemptOf({ headers }: KafkaRecord): number {
  const attempt = Number(textHeaders(headers)[attemptHeader]);
  return Number.isSafeInteger(attempt) && attempt > 1 ? attempt : 1;
}

/** From when on a record may be tried, in milliseconds; from ever where it does not say. */
export function notBeforeMs({ headers }: KafkaRecord): number {
  const time = Date.parse(textHeaders(headers)[notBeforeHeader] ?? '');
  return Number.isNaN(time) ? 0 : time;
}
