import type { PropertyTable } from '../../mapping/property-table.ts';

/** The properties of AMQP 1.0 that hold those of a message, as `rhea` spells them. */
export type AmqpField = 'content_type' | 'message_id' | 'correlation_id' | 'reply_to' | 'group_id';

/**
 * A message on AMQP 1.0: CloudEvents in binary mode. `subject` and `to` are left to the broker, since some put their own routing there.
 *
 * @see {@link https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/amqp-protocol-binding.md} CloudEvents: AMQP
 */
export const amqpTable: PropertyTable<AmqpField> = {
  contentType: { field: 'content_type' },
  messageId: { field: 'message_id', headers: ['cloudEvents:id', 'cloudEvents_id'] },
  envelopeId: { headers: ['fhir-bundle-id'] },
  correlationId: { field: 'correlation_id' },
  type: { headers: ['cloudEvents:type', 'cloudEvents_type'] },
  source: { headers: ['cloudEvents:source', 'cloudEvents_source'] },
  destination: { headers: ['cloudEvents:fhirdestination', 'cloudEvents_fhirdestination'] },
  time: { headers: ['cloudEvents:time', 'cloudEvents_time'] },
  subject: { headers: ['cloudEvents:subject', 'cloudEvents_subject'] },
  specVersion: { headers: ['cloudEvents:specversion', 'cloudEvents_specversion'] },
  responseCode: { headers: ['fhir-response-code'] },
  replyTarget: { field: 'reply_to' },
  orderingKey: { field: 'group_id', headers: ['fhir-ordering-key'] },
  traceparent: { headers: ['traceparent'] },
  tracestate: { headers: ['tracestate'] },
};
