import type { AnyEvent } from '@fhir-messaging/core';

/**
 * A contract as a MessageDefinition: its event, its category, what may be in focus and how often, when a reply is wanted.
 *
 * @see {@link https://hl7.org/fhir/R4/messagedefinition.html} MessageDefinition
 */
export function messageDefinition({ coding, uri, category, focus, payload, reply }: AnyEvent, id: string, date: string): object {
  return {
    resourceType: 'MessageDefinition',
    id,
    status: 'active',
    date,
    ...(coding === undefined ? { eventUri: uri } : { eventCoding: coding }),
    category,
    ...(focus.length > 0 && { focus: focus.map((code) => ({ code, ...occurrences(payload[code]) })) }),
    responseRequired: reply,
  };
}

/** A contract's cardinality, such as `0..*`; all resources of a focus's type are in focus. */
function occurrences(cardinality = '0..*'): { readonly min: number; readonly max: string } {
  const [min, max = '*'] = cardinality.split('..');
  return { min: Number(min), max };
}
