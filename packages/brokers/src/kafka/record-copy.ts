import { encodeHeaders, textHeaders } from './kafka-table.ts';
import type { KafkaOutgoingRecord, KafkaRecord } from './kafka-client.ts';

/** The same record for another topic: its own bytes, key and headers, and where it was first. */
export function recordCopy(record: KafkaRecord, topic: string, headers: Readonly<Record<string, string>>): KafkaOutgoingRecord {
  const origin = { 'fhir-original-topic': record.topic, 'fhir-original-partition': String(record.partition), 'fhir-original-offset': String(record.offset) };
  return {
    topic,
    ...(record.key && { key: record.key }),
    value: record.value ?? new Uint8Array(),
    headers: encodeHeaders({ ...origin, ...textHeaders(record.headers), ...headers }),
  };
}
