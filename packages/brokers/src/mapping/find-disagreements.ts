import { plainId } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import type { MessageFacts } from './message-facts.ts';
import type { PropertyName } from './message-properties.ts';
import type { Claim } from './property-table.ts';

/**
 * Finds the broker's properties that contradict the body: such a message is poison, since nobody can tell which of the two is meant.
 *
 * A missing property agrees. An issue names the field or header, never its value.
 */
export function findDisagreements(claims: readonly Claim[], facts: MessageFacts): readonly Issue[] {
  return claims
    .filter(({ property, value }) => comparisons[property]?.(value, facts) === false)
    .map(({ name }) => ({ severity: 'error', code: 'conflict', rule: 'broker.header', diagnostics: `The message's ${name} does not say what its body says.` }));
}

const isNamed = (value: string, facts: MessageFacts): boolean => facts.ids.some((id) => plainId(id) === plainId(value));

/** The properties that are copied from the body. */
const comparisons: Readonly<Partial<Record<PropertyName, (value: string, facts: MessageFacts) => boolean>>> = {
  contentType: (value, { release }) => {
    const [, claimed = release] = /;\s*fhirVersion\s*=\s*"?(\d+)/i.exec(value) ?? [];
    // A body does not always show its release.
    return /^application\/(fhir\+)?json\s*(;|$)/i.test(value) && (release === undefined || claimed === release);
  },
  messageId: isNamed,
  envelopeId: (value, { envelopeId }) => value === envelopeId,
  correlationId: (value, facts) => (facts.answers === undefined ? isNamed(value, facts) : plainId(value) === plainId(facts.answers)),
  type: (value, { type }) => value === type,
  source: (value, { source }) => value === source,
  destination: (value, { destination }) => value === destination,
  time: (value, { time = '' }) => value === time || Date.parse(value) === Date.parse(time),
  subject: (value, { subject }) => value === subject,
  responseCode: (value, { responseCode }) => value === responseCode,
};
