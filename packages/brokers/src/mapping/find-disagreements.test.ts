import { createMessage, createReply, defineEvent } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { propertiesOf } from './message-properties.ts';
import { findDisagreements } from './find-disagreements.ts';
import { factsOf } from './message-facts.ts';
import type { PropertyName } from './message-properties.ts';

const admit = defineEvent({ uri: 'https://example.org/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const request = createMessage(admit, { Patient: { resourceType: 'Patient', id: 'p1' } }, { source: 'https://app.example.org', destination: 'https://ward.example.org' });
const reply = createReply(request, { source: 'https://ward.example.org' });

describe('what a broker says of a message', () => {
  it.each([['a request', request], ['a reply', reply]] as const)('agrees with the body where it is what we write: %s', (_, message) => {
    const claims = Object.entries(propertiesOf(message, { includeSubject: true })).flatMap(([property, value]) => (value === undefined ? [] : [{ property: property as PropertyName, name: property, value }]));
    expect(claims.length).toBeGreaterThan(8);
    expect(findDisagreements(claims, factsOf(message.bundle))).toEqual([]);
  });

  it.each<[PropertyName, string, string]>([
    ['messageId', `urn:uuid:${request.identity.message?.toUpperCase()}`, 'an id with its URN, in capitals'],
    ['messageId', request.bundle.id ?? '', 'another id of the same message: strategies differ'],
    ['contentType', 'application/json', 'a more general type'],
    ['contentType', 'application/fhir+json; charset=utf-8; fhirVersion=4.3', 'R4B, which a body of R4 equals'],
  ])('agrees: %s %s (%s)', (property, value) => {
    expect(findDisagreements([{ property, name: property, value }], factsOf(request.bundle))).toEqual([]);
  });

  const r5 = createMessage(admit, { Patient: { resourceType: 'Patient', id: 'p1' } }, { source: 'https://app.example.org', release: 'R5' });
  const unshown = { resourceType: 'Bundle', type: 'message', entry: [{ resource: { resourceType: 'MessageHeader', eventCoding: { code: 'admit' }, source: { name: 'app' } } }] };

  it.each<[string, unknown, string, number]>([
    ['R4', request.bundle, '5.0', 1],
    ['R4', request.bundle, '"4.0.1"', 0],
    ['R5', r5.bundle, '4.0', 1],
    ['R5', r5.bundle, '5.0', 0],
    ['R4, though it names its source as R5 does too', { ...unshown, entry: [{ resource: { eventUri: 'https://example.org/admit', source: { endpointUrl: 'https://app.example.org' } } }] }, '4.0', 0],
    ['none', unshown, '4.0', 0],
    ['none', unshown, '5.0', 0],
  ])('a body that shows %s, under a content type that says a release', (_, bundle, fhirVersion, count) => {
    const claim = { property: 'contentType', name: 'content-type', value: `application/fhir+json; charset=utf-8; fhirVersion=${fhirVersion}` } as const;
    expect(findDisagreements([claim], factsOf(bundle))).toHaveLength(count);
  });

  it('agrees where a time is the same instant, written otherwise', () => {
    const bundle = { ...request.bundle, timestamp: '2026-01-01T12:00:00+02:00' };
    expect(findDisagreements([{ property: 'time', name: 'ce_time', value: '2026-01-01T10:00:00.000Z' }], factsOf(bundle))).toEqual([]);
  });

  it.each<[PropertyName, string]>([
    ['messageId', crypto.randomUUID()],
    ['envelopeId', crypto.randomUUID()],
    ['correlationId', crypto.randomUUID()],
    ['type', 'https://example.org/discharge'],
    ['source', 'https://app.example.org/'],
    ['destination', 'https://elsewhere.example.org'],
    ['time', '2001-01-01T00:00:00Z'],
    ['time', 'yesterday'],
    ['subject', 'Patient/2'],
    ['responseCode', 'transient-error'],
    ['contentType', 'application/fhir+xml'],
    ['contentType', 'text/plain'],
  ])('disagrees: %s %s; the issue names it, and not its value', (property, value) => {
    const issues = findDisagreements([{ property, name: `the-${property}`, value }], factsOf(request.bundle));
    expect(issues).toMatchObject([{ severity: 'error', rule: 'broker.header' }]);
    expect(issues[0]?.diagnostics).toContain(`the-${property}`);
    expect(JSON.stringify(issues)).not.toContain(value);
  });

  it('a reply correlates by its request, not by itself', () => {
    const facts = factsOf(reply.bundle);
    const own = { property: 'correlationId', name: 'correlation-id', value: reply.identity.message ?? '' } as const;
    expect(findDisagreements([own], facts)).toHaveLength(1);
    expect(findDisagreements([{ ...own, value: request.identity.message ?? '' }], facts)).toEqual([]);
  });

  it('what is not copied from the body cannot disagree', () => {
    expect(findDisagreements([{ property: 'traceparent', name: 'traceparent', value: 'x' }, { property: 'orderingKey', name: 'key', value: 'x' }], factsOf(undefined))).toEqual([]);
  });
});
