import type { PropertyTable } from '../../mapping/property-table.ts';

/** The fields of AMQP 0-9-1 that hold properties of a message, as `rabbitmq-client` spells them. */
export type AmqpField = 'contentType' | 'messageId' | 'correlationId' | 'type' | 'replyTo';

/**
 * A message on AMQP 0-9-1. CloudEvents has no binding for it: the names are those of AMQP 1.0, which RabbitMQ hands from one protocol to
 * the other.
 *
 * @see {@link https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/amqp-protocol-binding.md} CloudEvents: AMQP
 */
export const amqpTable: PropertyTable<AmqpField> = {
  contentType: { field: 'contentType' },
  messageId: { field: 'messageId', headers: ['cloudEvents:id', 'cloudEvents_id'] },
  envelopeId: { headers: ['fhir-bundle-id'] },
  correlationId: { field: 'correlationId' },
  type: { field: 'type', headers: ['cloudEvents:type', 'cloudEvents_type'] },
  source: { headers: ['cloudEvents:source', 'cloudEvents_source'] },
  destination: { headers: ['cloudEvents:fhirdestination', 'cloudEvents_fhirdestination'] },
  time: { headers: ['cloudEvents:time', 'cloudEvents_time'] },
  subject: { headers: ['cloudEvents:subject', 'cloudEvents_subject'] },
  specVersion: { headers: ['cloudEvents:specversion', 'cloudEvents_specversion'] },
  responseCode: { headers: ['fhir-response-code'] },
  replyTarget: { field: 'replyTo' },
  orderingKey: { headers: ['fhir-ordering-key'] },
  traceparent: { headers: ['traceparent'] },
  tracestate: { headers: ['tracestate'] },
};
