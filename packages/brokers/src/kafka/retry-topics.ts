import { forwarded } from './carry-out.ts';
import type { KafkaOutgoingRecord, KafkaRecord } from './kafka-client.ts';
import { textHeaders } from './kafka-table.ts';

const attemptHeader = 'x-fhir-attempt';
const notBeforeHeader = 'x-fhir-not-before';

/** The retry topics of a topic. In each, messages wait equally long, so that the first one to come is the first one to go on. */
export function retryTopics(topic: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${topic}.retry.${index + 1}`);
}

/** A record for a retry topic: as it came, with how often it was tried, and when it may be again. */
export function forRetry(record: KafkaRecord, topic: string, attempt: number, atMs: number): KafkaOutgoingRecord {
  return forwarded(record, topic, { [attemptHeader]: String(attempt), [notBeforeHeader]: new Date(atMs).toISOString() });
}

/** How often a record was tried before it came here. Anybody may write a header: what is no count is none. */
export function attemptsBefore({ headers }: KafkaRecord): number {
  const attempts = Number(textHeaders(headers)[attemptHeader]);
  return Number.isSafeInteger(attempts) && attempts > 0 ? attempts : 0;
}

/** From when on a record may be tried, in milliseconds; from ever where it does not say. */
export function notBeforeMs({ headers }: KafkaRecord): number {
  const time = Date.parse(textHeaders(headers)[notBeforeHeader] ?? '');
  return Number.isNaN(time) ? 0 : time;
}
