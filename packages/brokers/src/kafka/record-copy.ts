import type { KafkaOutgoingRecord, KafkaRecord } from './kafka-client.ts';
import { encodeHeaders, headerName } from './kafka-table.ts';

/**
 * A copy of a record for another topic: its own bytes, key and headers, with ours in place of headers of the same name.
 *
 * @param isFirst - whether the record is in its first topic: the copy then gets headers that say where; a copy of a copy has them already.
 */
export function recordCopy(record: KafkaRecord, topic: string, headers: Readonly<Record<string, string>>, isFirst: boolean): KafkaOutgoingRecord {
  const origin = { 'fhir-original-topic': record.topic, 'fhir-original-partition': String(record.partition), 'fhir-original-offset': String(record.offset) };
  const own = { ...(isFirst && origin), ...headers };
  return {
    topic,
    ...(record.key && { key: record.key }),
    value: record.value ?? new Uint8Array(),
    headers: new Map([...[...record.headers].filter(([name]) => !Object.hasOwn(own, headerName(name))), ...encodeHeaders(own)]),
  };
}
