import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Resource } from '../fhir/resource.ts';
import { addEntry } from '../graph/add-entry.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { removeEntry } from '../graph/remove-entry.ts';
import { createMessage } from './create-message.ts';
import { issueTarget } from './issue-target.ts';

const event = defineEvent({ uri: 'https://example.org/refer', category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '0..*' } });
const at = (name: string): string => `https://ehr.example/${name}`;
const { graph: message } = createMessage(
  event,
  {
    ServiceRequest: { resourceType: 'ServiceRequest', id: '1', status: 'active', intent: 'order', subject: { reference: 'Patient/2' } },
    Patient: [{ resourceType: 'Patient', id: '2' }, { resourceType: 'Patient', id: '3', link: [{ type: 'seealso', other: { reference: 'Patient/2' } }] }],
  },
  { source: 'https://a.example', base: 'https://ehr.example' },
);
const draft = removeEntry(message, message.entries[0]?.key ?? '');

const issueAt = (...expression: string[]): Issue => ({ severity: 'error', code: 'invalid', expression });
const pointed = (graph: BundleGraph<Resource>, ...expression: string[]): unknown => {
  const { entry, path } = issueTarget(issueAt(...expression), graph) ?? {};
  return entry && [entry.key, path];
};

describe('issueTarget', () => {
  it.each([
    ['Bundle.entry[1].resource.subject', at('ServiceRequest/1'), 'ServiceRequest.subject'],
    ['Bundle.entry[3].resource.link[0].other', at('Patient/3'), 'Patient.link[0].other'],
    ['Bundle.entry[2].resource.ofType(Patient).birthDate', at('Patient/2'), 'Patient.birthDate'],
    ['Bundle.entry[2].resource/*Patient/2*/.birthDate', at('Patient/2'), 'Patient.birthDate'],
    ['Bundle.entry[2].resource/*Patient/2*/', at('Patient/2'), 'Patient'],
    ['Bundle.entry[2].resource/*Patient/2*/.contained[0]/*Medication/m*/.code', at('Patient/2'), 'Patient.contained[0].code'],
    ['Bundle.entry[2].resource', at('Patient/2'), 'Patient'],
    ['Bundle.entry[2].fullUrl', at('Patient/2'), 'Patient'],
    ['ServiceRequest.priority', at('ServiceRequest/1'), 'ServiceRequest.priority'],
  ])('leads by %s to the same entry of a message and of a draft without a header', (path, key, element) => {
    expect(pointed(message, path)).toEqual([key, element]);
    expect(pointed(draft, path)).toEqual([key, element]);
  });

  it('leads to the header where the graph has one', () => {
    expect(pointed(message, 'Bundle.entry[0].resource.focus[0]')).toEqual([message.entries[0]?.key, 'MessageHeader.focus[0]']);
    expect(pointed(draft, 'Bundle.entry[0].resource.focus[0]')).toBeUndefined();
  });

  it.each([
    ['the Bundle itself', 'Bundle.timestamp'],
    ['an entry that is not there', 'Bundle.entry[9].resource.subject'],
    ['one of several resources of a type', 'Patient.birthDate'],
    ['a type that is not there', 'Observation.code'],
    ['a resource of a type by its id, whichever that is', 'ServiceRequest/999.subject'],
    ['a resource of a type by its id in a comment', 'ServiceRequest/*ServiceRequest/999*/.subject'],
    ['a resource of a type by a position', 'ServiceRequest[3].subject'],
    ['a sentence', 'ServiceRequest subject is missing'],
    ['another type than the entry has', 'Bundle.entry[1].resource.ofType(Patient).subject'],
    ['a path in another language', '/f:Bundle/f:entry[2]/f:resource'],
  ])('leads nowhere for %s', (_what, path) => {
    expect(pointed(message, path)).toBeUndefined();
  });

  it('reads a path of very many comments that do not end in one pass: a pass for each would take minutes, more than a test may', () => {
    expect(pointed(message, `Bundle.entry[1]${'/*a'.repeat(400_000)}`)).toEqual([at('ServiceRequest/1'), 'ServiceRequest']);
    expect(pointed(message, `Bundle.entry[1]${']/*a'.repeat(400_000)}`)).toEqual([at('ServiceRequest/1'), 'ServiceRequest']);
  });

  it('leads nowhere without a place, even where an entry holds no resource', () => {
    expect(pointed(message)).toBeUndefined();
  });

  it('leads a Bundle in a message no issue of the message itself', () => {
    expect(pointed(addEntry(message, { resourceType: 'Bundle', type: 'collection' }), 'Bundle.timestamp')).toBeUndefined();
  });
});
