import { isSameEvent } from '@fhir-messaging/core';
import type { AnyEvent, Release, Source } from '@fhir-messaging/core';
import { messageDefinition } from './message-definition.ts';
import { processMessageOperation } from './process-message-operation.ts';

/** The options of a CapabilityStatement. */
export interface CapabilityOptions {
  /** The FHIR release that it is written in. @defaultValue 'R4' */
  readonly release?: Release | undefined;
  /** Where messages are taken. @defaultValue the address of the receiver's `source`, where that is http or https */
  readonly endpoints?: readonly string[] | undefined;
  /** The events that the application sends, beside those that it receives. */
  readonly sends?: readonly AnyEvent[] | undefined;
}

/** A CapabilityStatement, as plain FHIR JSON. */
export interface CapabilityStatementResource {
  readonly resourceType: 'CapabilityStatement';
  readonly [element: string]: unknown;
}

/** The facts of a receiver for its statement. */
export interface ReceiverFacts {
  readonly source: Source;
  readonly receives: readonly AnyEvent[];
  readonly reliableCacheMinutes: number;
  readonly isAsyncOffered: boolean;
  readonly date: string;
}

const versions: Readonly<Record<Release, string>> = { R4: '4.0.1', R4B: '4.3.0', R5: '5.0.0' };

/** The code system of `endpoint.protocol` moved with R5. */
const transports: Readonly<Record<Release, string>> = {
  R4: 'http://terminology.hl7.org/CodeSystem/message-transport',
  R4B: 'http://terminology.hl7.org/CodeSystem/message-transport',
  R5: 'http://hl7.org/fhir/message-transport',
};

/**
 * Writes a receiver's CapabilityStatement: where it takes messages, which ones, how long it recognises them, and the operation.
 *
 * The statement contains the definitions that it refers to.
 *
 * @see {@link https://hl7.org/fhir/R4/capabilitystatement.html} CapabilityStatement.messaging
 */
export function writeCapabilityStatement(facts: ReceiverFacts, options: CapabilityOptions): CapabilityStatementResource {
  const { source, receives, reliableCacheMinutes, isAsyncOffered, date } = facts;
  const { release = 'R4', sends = [] } = options;
  const { endpoint, endpointUrl, name, software, version } = typeof source === 'string' ? { endpoint: source } : source;
  const endpoints = options.endpoints ?? [endpoint ?? endpointUrl ?? ''].filter((address) => /^https?:/i.test(address));
  const events = [...receives, ...sends.filter((sent) => !receives.some((received) => isSameEvent(sent, received)))];
  const supported = (mode: string, own: readonly AnyEvent[]): object[] =>
    own.map((event) => ({ mode, definition: `#message-${events.findIndex((listed) => isSameEvent(listed, event)) + 1}` }));
  const operation = processMessageOperation(isAsyncOffered);
  const contained = [...events.map((event, index) => messageDefinition(event, `message-${index + 1}`, date)), ...operation.contained];
  const protocol = { system: transports[release], code: 'http' };
  return {
    resourceType: 'CapabilityStatement',
    ...atLeastOne('contained', contained),
    status: 'active',
    date,
    kind: 'instance',
    ...(software !== undefined && { software: { name: software, ...(version !== undefined && { version }) } }),
    implementation: { description: name ?? 'A receiver of FHIR messages', ...(endpoints[0] !== undefined && { url: endpoints[0] }) },
    fhirVersion: versions[release],
    format: ['application/fhir+json'],
    rest: [{ mode: 'server', operation: [{ name: 'process-message', definition: operation.definition }] }],
    messaging: [
      {
        ...atLeastOne('endpoint', endpoints.map((address) => ({ protocol, address }))),
        // Whole minutes: less than one is no promise, and no number says for ever.
        ...(reliableCacheMinutes >= 1 && Number.isFinite(reliableCacheMinutes) && { reliableCache: Math.floor(reliableCacheMinutes) }),
        ...atLeastOne('supportedMessage', [...supported('receiver', receives), ...supported('sender', sends)]),
      },
    ],
  };
}

/** FHIR has no empty lists. */
function atLeastOne(name: string, items: readonly object[]): object {
  return items.length > 0 ? { [name]: items } : {};
}
