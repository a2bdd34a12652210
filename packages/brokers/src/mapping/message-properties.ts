import { plainId } from '@fhir-messaging/core';
import type { Message, Release } from '@fhir-messaging/core';
import { factsOf } from './message-facts.ts';

/** The trace that a message belongs to, as W3C Trace Context writes it. */
export interface TraceContext {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

/** A message's properties for a broker; each binding is a table from these names to the broker's. Values are ids, addresses and codes. */
export interface MessageProperties extends TraceContext {
  /** `application/fhir+json` with the release. */
  readonly contentType?: string | undefined;
  /** The message's id: R4 `MessageHeader.id`, R5 `Bundle.identifier`; a UUID without `urn:uuid:`. */
  readonly messageId?: string | undefined;
  /** The id of this transmission: `Bundle.id`. */
  readonly envelopeId?: string | undefined;
  /** A request's own id; for a reply its request's. */
  readonly correlationId?: string | undefined;
  /** The event: `system#code`, or its URI. */
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  readonly destination?: string | undefined;
  /** `Bundle.timestamp`. */
  readonly time?: string | undefined;
  /** The focus, as it is referred to; off unless asked for, since it may point at a person. */
  readonly subject?: string | undefined;
  /** `response.code` of a reply. */
  readonly responseCode?: string | undefined;
  /** Where a reply is to go: a topic, a queue, an address. */
  readonly replyTarget?: string | undefined;
  /** The version of CloudEvents from which the names are. */
  readonly specVersion?: string | undefined;
  /** Messages of one key keep their order; a digest, which says nothing of the patient. */
  readonly orderingKey?: string | undefined;
}

/** The name of one property. */
export type PropertyName = keyof MessageProperties;

/** The application's additions to a message's properties. */
export interface PropertyOptions extends TraceContext {
  readonly replyTarget?: string | undefined;
  readonly orderingKey?: string | undefined;
  /** Whether `ce_subject` says the focus. @defaultValue false */
  readonly includeSubject?: boolean | undefined;
}

/** The properties of a message, copied from its body. */
export function propertiesOf(message: Message, options: PropertyOptions = {}): MessageProperties {
  const { replyTarget, orderingKey, traceparent, tracestate } = options;
  const { answers, subject, envelopeId, type, source, destination, time, responseCode } = factsOf(message.bundle);
  const messageId = message.identity.message && plainId(message.identity.message);
  return {
    contentType: `application/fhir+json; fhirVersion=${versions[message.release]}`,
    specVersion: '1.0',
    messageId,
    envelopeId,
    correlationId: answers === undefined ? messageId : plainId(answers),
    type,
    source,
    destination,
    time,
    subject: options.includeSubject === true ? subject : undefined,
    responseCode,
    replyTarget,
    orderingKey,
    traceparent,
    tracestate,
  };
}

const versions: Readonly<Record<Release, string>> = { R4: '4.0', R4B: '4.3', R5: '5.0' };
