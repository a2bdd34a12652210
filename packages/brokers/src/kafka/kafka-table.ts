import type { MessageProperties } from '../mapping/message-properties.ts';
import { readClaims, writeProperties } from '../mapping/property-table.ts';
import type { Claim, PropertyTable } from '../mapping/property-table.ts';
import type { KafkaRecord } from './kafka-client.ts';

/**
 * The binding: CloudEvents' names in binary mode, and FHIR's beside them; the ordering key is the record's.
 *
 * @see {@link https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md} CloudEvents for Kafka
 */
const kafkaTable: PropertyTable<'key'> = {
  contentType: { headers: ['content-type'] },
  specVersion: { headers: ['ce_specversion'] },
  messageId: { headers: ['ce_id'] },
  envelopeId: { headers: ['fhir-bundle-id'] },
  correlationId: { headers: ['correlation-id'] },
  type: { headers: ['ce_type'] },
  source: { headers: ['ce_source'] },
  destination: { headers: ['ce_fhirdestination'] },
  time: { headers: ['ce_time'] },
  subject: { headers: ['ce_subject'] },
  responseCode: { headers: ['fhir-response-code'] },
  replyTarget: { headers: ['fhir-reply-topic'] },
  orderingKey: { field: 'key' },
  traceparent: { headers: ['traceparent'] },
  tracestate: { headers: ['tracestate'] },
};

/** A record's key and headers, as the client takes them. */
export interface KafkaFields {
  readonly key?: Uint8Array;
  readonly headers: Map<Uint8Array, Uint8Array>;
}

/** Writes properties as a record's key and headers. */
export function writeFields(properties: MessageProperties): KafkaFields {
  const { fields, headers } = writeProperties(properties, kafkaTable);
  return { ...(fields.key !== undefined && { key: encode(fields.key) }), headers: encodeHeaders(headers) };
}

/** The claims in a record's key and headers. */
export function claimsOf({ key, headers }: KafkaRecord): readonly Claim[] {
  return readClaims({ key }, textHeaders(headers), kafkaTable);
}

/** A header's name, as text. */
export function headerName(name: Uint8Array): string {
  return decode(name);
}

/** Headers by their names, as text; the last one of each name counts. */
export function textHeaders(headers: KafkaRecord['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries([...headers].map(([name, value]) => [decode(name), decode(value)]));
}

/** Headers as bytes. */
export function encodeHeaders(headers: Readonly<Record<string, string>>): Map<Uint8Array, Uint8Array> {
  return new Map(Object.entries(headers).map(([name, value]) => [encode(name), encode(value)]));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
