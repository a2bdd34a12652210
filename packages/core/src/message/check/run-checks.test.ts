import { describe, expect, it } from 'vitest';
import { defineEvent } from '../../event/define-event.ts';
import type { AnyEvent } from '../../event/event-contract.ts';
import type { Issue } from '../../fhir/issue.ts';
import { isObject, itemsOf, member } from '../../fhir/json.ts';
import type { Release } from '../../fhir/release.ts';
import type { ResolutionMode } from '../../reference/resolve-reference.ts';
import { checkMessage } from '../check-message.ts';
import { readMessage, safeReadMessage } from '../read-message.ts';
import { ruleTable } from './rule-table.ts';
import type { CheckRuleId } from '../../fhir/rule-id.ts';

type Changes = Readonly<Record<string, unknown>>;

const server = 'https://a.example/fhir/';
const patient = `${server}Patient/1`;
const order = 'urn:uuid:0b7f4ad0-0000-4000-8000-000000000001';
const extension = 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request';

/** A message without a fault, as its release writes it. */
function sound(release: Release): object {
  const endpoint = release === 'R5' ? 'endpointUrl' : 'endpoint';
  return {
    resourceType: 'Bundle',
    id: 'bundle-1',
    ...(release === 'R5' && { identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:0b7f4ad0-0000-4000-8000-00000000000b' } }),
    type: 'message',
    timestamp: '2026-11-21T10:00:00Z',
    entry: [
      {
        fullUrl: 'urn:uuid:0b7f4ad0-0000-4000-8000-000000000000',
        resource: {
          resourceType: 'MessageHeader',
          id: 'header-1',
          eventCoding: { system: 'https://example.org/events', code: 'notify' },
          destination: [{ [endpoint]: 'https://b.example' }],
          source: { [endpoint]: 'https://a.example' },
          focus: [{ reference: order }],
        },
      },
      { fullUrl: order, resource: { resourceType: 'ServiceRequest', id: 'o-1', subject: { reference: patient } } },
      { fullUrl: patient, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '3' } } },
    ],
  };
}

const table = {
  coding: { system: 'https://example.org/events', code: 'notify' },
  category: 'notification',
  focus: ['ServiceRequest'],
  payload: { ServiceRequest: '1..1', Patient: '1..1', Organization: '0..2', Observation: '0..*' },
  everyResourceReferenced: true,
} as const;
const event = defineEvent(table);

/** A reply, by the changes that make one of the message. */
const reply = (response: object, ...issue: object[]): Changes => ({
  'entry[0].resource.response': response,
  ...(issue.length > 0 && { 'entry[+]': { fullUrl: 'urn:uuid:outcome', resource: { resourceType: 'OperationOutcome', issue } } }),
});
const details = { reference: 'urn:uuid:outcome' };
const answered = { R4: { identifier: 'request-1' }, R4B: { identifier: 'request-1' }, R5: { identifier: { value: 'request-1' } } };

/** A rule's breach, where it is reported, and what is nearly the same and sound. */
interface Case {
  readonly rule: CheckRuleId;
  readonly says: string;
  readonly in?: readonly Release[];
  readonly mode?: ResolutionMode;
  readonly event?: AnyEvent;
  readonly breach: Changes | ((release: Release) => Changes);
  readonly at: string | readonly string[];
  readonly neighbour?: Changes | ((release: Release) => Changes);
}

const all: readonly Release[] = ['R4', 'R4B', 'R5'];
const r4: readonly Release[] = ['R4', 'R4B'];
const r5: readonly Release[] = ['R5'];
const header = 'entry[0].resource';
const at0 = `Bundle.${header}`;
const organization = (id: string): object => ({ fullUrl: `${server}Organization/${id}`, resource: { resourceType: 'Organization', id } });

const cases: readonly Case[] = [
  { rule: 'bundle.type', says: 'another type', breach: { type: 'collection' }, at: 'Bundle.type' },
  { rule: 'bundle.type', says: 'no type', breach: { type: undefined }, at: 'Bundle.type' },
  { rule: 'bundle.entry', says: 'an entry that is no list', breach: { entry: { fullUrl: order } }, at: 'Bundle.entry' },
  { rule: 'bundle.timestamp', says: 'no timestamp', breach: { timestamp: undefined }, at: 'Bundle.timestamp' },

  { rule: 'bdl-1', says: 'a total', breach: { total: 3 }, at: 'Bundle.total', neighbour: { total: undefined } },
  { rule: 'bdl-2', says: 'an entry with search', breach: { 'entry[1].search': { mode: 'match' } }, at: 'Bundle.entry[1].search', neighbour: { 'entry[1].search': undefined } },
  { rule: 'bdl-3', says: 'an entry with a request', in: r4, breach: { 'entry[1].request': { method: 'POST', url: 'ServiceRequest' } }, at: 'Bundle.entry[1].request', neighbour: { 'entry[1].request': undefined } },
  { rule: 'bdl-3a', says: 'an entry with a request', in: r5, breach: { 'entry[1].request': { method: 'POST', url: 'ServiceRequest' } }, at: 'Bundle.entry[1].request', neighbour: { 'entry[1].request': undefined } },
  { rule: 'bdl-3a', says: 'an entry with a response', in: r5, breach: { 'entry[1].response': { status: '201' } }, at: 'Bundle.entry[1].response', neighbour: { 'entry[1].response': undefined } },
  { rule: 'bdl-4', says: 'an entry with a response', in: r4, breach: { 'entry[1].response': { status: '201' } }, at: 'Bundle.entry[1].response', neighbour: { 'entry[1].response': undefined } },
  { rule: 'bdl-5', says: 'an entry of nothing', breach: { 'entry[+]': { fullUrl: 'urn:uuid:none' } }, at: 'Bundle.entry[3]' },
  { rule: 'bdl-5', says: 'an entry that is null', breach: { 'entry[+]': null }, at: 'Bundle.entry[3]' },
  { rule: 'bdl-7', says: 'a fullUrl twice', breach: { 'entry[+]': { fullUrl: patient, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '3' } } } }, at: 'Bundle.entry[3].fullUrl', neighbour: { 'entry[+]': { fullUrl: patient, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '4' } } } } },
  { rule: 'bdl-7', says: 'a fullUrl twice, both without a version', breach: { 'entry[+]': { fullUrl: order, resource: { resourceType: 'ServiceRequest', id: 'o-1' } } }, at: 'Bundle.entry[3].fullUrl' },
  { rule: 'bdl-8', says: 'a fullUrl with a version', breach: { 'entry[2].fullUrl': `${patient}/_history/3` }, at: 'Bundle.entry[2].fullUrl' },
  { rule: 'bdl-12', says: 'another resource first', breach: { 'entry[0].resource': { resourceType: 'Patient', id: '2' } }, at: 'Bundle.entry[0].resource' },
  { rule: 'bdl-12', says: 'no resource first', breach: { 'entry[0].resource': undefined }, at: 'Bundle.entry[0].resource' },
  { rule: 'bdl-12', says: 'no entry', breach: { entry: [] }, at: 'Bundle.entry' },
  { rule: 'bdl-12', says: 'no list of entries', breach: { entry: undefined }, at: 'Bundle.entry' },
  { rule: 'bdl-15', says: 'an entry without a fullUrl', in: r5, breach: { 'entry[2].fullUrl': undefined }, at: 'Bundle.entry[2].fullUrl' },
  { rule: 'bdl-16', says: 'an error among the issues of the Bundle', in: r5, breach: { issues: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning' }, { severity: 'error' }] } }, at: 'Bundle.issues.issue[1]', neighbour: { issues: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning' }, { severity: 'information' }] } } },
  { rule: 'bdl-16', says: 'what is fatal among the issues of the Bundle', in: r5, breach: { issues: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning' }, { severity: 'fatal' }] } }, at: 'Bundle.issues.issue[1]', neighbour: { issues: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning' }, { severity: 'information' }] } } },

  { rule: 'entry.resource', says: 'an entry with a request in place of a resource', breach: { 'entry[+]': { fullUrl: 'urn:uuid:none', request: { method: 'DELETE', url: 'Patient/1' } } }, at: 'Bundle.entry[3]' },
  { rule: 'entry.resourceType', says: 'a resource without a type', breach: { 'entry[2].resource.resourceType': undefined }, at: 'Bundle.entry[2].resource' },
  { rule: 'entry.resourceType', says: 'a resource with an empty type', breach: { 'entry[2].resource.resourceType': '' }, at: 'Bundle.entry[2].resource' },
  { rule: 'entry.orphan', says: 'an entry that nothing leads to', breach: { 'entry[+]': organization('9') }, at: 'Bundle.entry[3].resource', neighbour: { 'entry[+]': organization('9'), 'entry[1].resource.requester': { reference: `${server}Organization/9` } } },
  { rule: 'entry.reverse-only', says: 'an entry that only points at others', breach: { 'entry[+]': { fullUrl: 'urn:uuid:cov', resource: { resourceType: 'Coverage', beneficiary: { reference: patient } } } }, at: 'Bundle.entry[3].resource', neighbour: { 'entry[+]': { fullUrl: 'urn:uuid:prov', resource: { resourceType: 'Provenance', target: [{ reference: patient }] } } } },

  { rule: 'fullUrl.missing', says: 'an entry without a fullUrl', in: r4, breach: { 'entry[2].fullUrl': undefined }, at: 'Bundle.entry[2].fullUrl' },
  { rule: 'fullUrl.missing', says: 'an entry with an empty fullUrl', in: r4, breach: { 'entry[2].fullUrl': '' }, at: 'Bundle.entry[2].fullUrl' },
  { rule: 'fullUrl.absolute', says: 'a relative fullUrl', breach: { 'entry[2].fullUrl': 'Patient/1' }, at: 'Bundle.entry[2].fullUrl', neighbour: { 'entry[2].fullUrl': 'urn:oid:1.2.3' } },
  { rule: 'fullUrl.absolute', says: 'a fullUrl that names no server', breach: { 'entry[2].fullUrl': 'https:///x' }, at: 'Bundle.entry[2].fullUrl', neighbour: { 'entry[2].fullUrl': 'https://x' } },
  { rule: 'fullUrl.absolute', says: 'a urn without a name', breach: { 'entry[2].fullUrl': 'urn:uuid' }, at: 'Bundle.entry[2].fullUrl', neighbour: { 'entry[2].fullUrl': 'urn:a:b' } },
  { rule: 'fullUrl.id', says: 'a fullUrl that ends in another id', breach: { 'entry[2].resource.id': '2' }, at: 'Bundle.entry[2].fullUrl' },
  { rule: 'fullUrl.id', says: 'a fullUrl on a server, of a resource without an id', breach: { 'entry[2].resource.id': undefined }, at: 'Bundle.entry[2].fullUrl', neighbour: { 'entry[1].resource.id': undefined } },
  { rule: 'fullUrl.type', says: 'a fullUrl of another type', breach: { 'entry[2].fullUrl': `${server}Person/1` }, at: 'Bundle.entry[2].fullUrl' },

  ...['sender', 'author', 'source', 'responsible', 'reason', 'response'].map((name): Case => ({ rule: 'header.shape', says: `a list for ${name}`, breach: { [`${header}.${name}`]: [] }, at: `${at0}.${name}`, neighbour: { [`${header}.sender`]: undefined } })),
  { rule: 'header.shape', says: 'a list for enterer', in: r4, breach: { [`${header}.enterer`]: [{ reference: patient }] }, at: `${at0}.enterer`, neighbour: { [`${header}.enterer`]: { reference: patient } } },
  { rule: 'header.shape', says: 'a text for source', breach: { [`${header}.source`]: 'https://a.example' }, at: `${at0}.source` },
  { rule: 'header.shape', says: 'a list for definition', breach: { [`${header}.definition`]: ['https://a.example/definition'] }, at: `${at0}.definition`, neighbour: { [`${header}.definition`]: 'https://a.example/definition' } },
  ...['destination', 'focus', 'extension'].map((name): Case => ({ rule: 'header.shape', says: `one element for ${name}`, breach: { [`${header}.${name}`]: {} }, at: `${at0}.${name}` })),
  { rule: 'header.shape', says: 'a text among the destinations', breach: { [`${header}.destination[+]`]: 'https://b.example' }, at: `${at0}.destination` },
  ...['name', 'software', 'version', 'contact'].map((name): Case => ({ rule: 'header.shape', says: `a list for source.${name}`, breach: { [`${header}.source.${name}`]: [] }, at: `${at0}.source.${name}`, neighbour: { [`${header}.source.${name}`]: name === 'contact' ? { system: 'url' } : 'A' } })),
  ...['name', 'target', 'receiver'].map((name): Case => ({ rule: 'header.shape', says: `a list for destination.${name}`, breach: { [`${header}.destination[0].${name}`]: [] }, at: `${at0}.destination[0].${name}`, neighbour: { [`${header}.destination[0].${name}`]: name === 'name' ? 'B' : { display: 'B' } } })),
  { rule: 'header.shape', says: 'a list for response.details', breach: (release) => ({ [`${header}.response`]: { ...answered[release], code: 'ok', details: [details] }, 'entry[+]': { fullUrl: 'urn:uuid:outcome', resource: { resourceType: 'OperationOutcome', issue: [] } } }), at: [`${at0}.response.details`], neighbour: (release) => ({ [`${header}.response`]: { ...answered[release], code: 'ok', details }, 'entry[+]': { fullUrl: 'urn:uuid:outcome', resource: { resourceType: 'OperationOutcome', issue: [] } } }) },
  { rule: 'header.shape', says: 'one element for an extension of the source', breach: { [`${header}.source.extension`]: {} }, at: `${at0}.source.extension` },
  { rule: 'header.event', says: 'no event', breach: { [`${header}.eventCoding`]: undefined }, at: `${at0}.event` },
  { rule: 'header.event', says: 'a list for eventCoding', breach: { [`${header}.eventCoding`]: [{ system: 'https://a.example', code: 'x' }] }, at: `${at0}.event` },
  { rule: 'header.event', says: 'an event without a code', breach: { [`${header}.eventCoding.code`]: undefined }, at: `${at0}.event`, neighbour: { [`${header}.eventCoding.display`]: 'Notify' } },
  { rule: 'header.event', says: 'an event named twice', in: r4, breach: { [`${header}.eventUri`]: 'https://a.example/event' }, at: `${at0}.event`, neighbour: { [`${header}.eventUri`]: 'https://a.example/event', [`${header}.eventCoding`]: undefined } },
  { rule: 'header.event', says: "R5's eventCanonical", in: r4, breach: { [`${header}.eventCanonical`]: 'https://a.example/event', [`${header}.eventCoding`]: undefined }, at: `${at0}.event`, neighbour: { [`${header}.eventUri`]: 'https://a.example/event', [`${header}.eventCoding`]: undefined } },
  { rule: 'header.event', says: "R4's eventUri", in: r5, breach: { [`${header}.eventUri`]: 'https://a.example/event', [`${header}.eventCoding`]: undefined }, at: `${at0}.event`, neighbour: { [`${header}.eventCanonical`]: 'https://a.example/event', [`${header}.eventCoding`]: undefined } },
  { rule: 'header.source', says: 'no source', breach: { [`${header}.source`]: undefined }, at: `${at0}.source` },
  { rule: 'header.endpoint', says: 'a source without an address', in: r4, breach: { [`${header}.source`]: { name: 'A' } }, at: `${at0}.source.endpoint`, neighbour: { [`${header}.source.name`]: 'A' } },
  { rule: 'header.endpoint', says: 'a destination without an address', in: r4, breach: { [`${header}.destination[+]`]: { name: 'B' } }, at: `${at0}.destination[1].endpoint`, neighbour: { [`${header}.destination[+]`]: { endpoint: 'urn:b' } } },
  { rule: 'header.endpoint', says: "R5's endpointUrl", in: r4, breach: { [`${header}.source`]: { endpointUrl: 'https://a.example' } }, at: `${at0}.source.endpoint` },
  { rule: 'header.endpoint', says: "R4's endpoint", in: r5, breach: { [`${header}.source`]: { endpoint: 'https://a.example' } }, at: `${at0}.source.endpointUrl`, neighbour: { [`${header}.source`]: { name: 'A' }, [`${header}.destination[+]`]: { endpointReference: { display: 'B' } } } },
  { rule: 'header.endpoint', says: 'two addresses in one', in: r5, breach: { [`${header}.source`]: { endpointUrl: 'https://a.example', endpointReference: { display: 'A' } } }, at: `${at0}.source.endpointUrl` },
  { rule: 'header.endpoint', says: 'an address that is a number', in: r5, breach: { [`${header}.source`]: { endpointUrl: 5 } }, at: `${at0}.source.endpointUrl` },
  { rule: 'header.endpoint', says: 'an address that is a list', in: r5, breach: { [`${header}.destination[+]`]: { endpointUrl: ['https://b.example'] } }, at: `${at0}.destination[1].endpointUrl` },
  { rule: 'header.destination', says: 'no destination', mode: 'strict', breach: { [`${header}.destination`]: undefined }, at: `${at0}.destination` },
  { rule: 'header.enterer', says: 'an enterer', in: r5, breach: { [`${header}.enterer`]: { reference: patient } }, at: `${at0}.enterer`, neighbour: { [`${header}.enterer`]: undefined } },
  { rule: 'header.response-request', says: 'another code', breach: { [`${header}.extension`]: [{ url: 'https://a.example' }, { url: extension, valueCode: 'sometimes' }] }, at: `${at0}.extension[1]`, neighbour: { [`${header}.extension`]: [{ url: extension, valueCode: 'on-error' }] } },
  { rule: 'header.response-request', says: 'a code that is no code', breach: { [`${header}.extension`]: [{ url: extension, valueString: 'always' }] }, at: `${at0}.extension[0]`, neighbour: { [`${header}.extension`]: [{ url: 'https://a.example', valueCode: 'sometimes' }] } },

  { rule: 'identity.format', says: 'a Bundle.id that is none', breach: { id: 'a b' }, at: 'Bundle.id', neighbour: { id: 'a.b-C1' } },
  { rule: 'identity.format', says: 'a MessageHeader.id that is too long', breach: { [`${header}.id`]: 'x'.repeat(65) }, at: `${at0}.id`, neighbour: { [`${header}.id`]: 'x'.repeat(64) } },
  { rule: 'identity.format', says: 'an id that is a number', breach: { id: 5 }, at: 'Bundle.id' },
  { rule: 'identity.message', says: 'no MessageHeader.id', in: r4, breach: { [`${header}.id`]: undefined }, at: `${at0}.id`, neighbour: { identifier: undefined } },
  { rule: 'identity.message', says: 'no Bundle.identifier', in: r5, breach: { identifier: undefined }, at: 'Bundle.identifier', neighbour: { [`${header}.id`]: undefined, id: undefined } },
  { rule: 'identity.message', says: 'a Bundle.identifier without a value', in: r5, breach: { 'identifier.value': undefined }, at: 'Bundle.identifier' },
  { rule: 'identity.envelope', says: 'no Bundle.id', in: r4, breach: { id: undefined }, at: 'Bundle.id' },

  { rule: 'focus.unresolved', says: 'a focus that is elsewhere', breach: { [`${header}.focus[+]`]: { reference: `${server}Patient/2` } }, at: `${at0}.focus[1]`, neighbour: { [`${header}.focus[+]`]: { reference: patient } } },
  { rule: 'focus.unresolved', says: 'a focus with an identifier only', breach: { [`${header}.focus[+]`]: { identifier: { value: '1' } } }, at: `${at0}.focus[1]` },
  { rule: 'focus.unresolved', says: 'a focus with a text only', breach: { [`${header}.focus[+]`]: { display: 'the order' } }, at: `${at0}.focus[1]`, neighbour: { [`${header}.focus[0].display`]: 'the order' } },
  { rule: 'focus.unresolved', says: 'a focus that is contained', breach: { [`${header}.focus[+]`]: { reference: '#p' }, [`${header}.contained`]: [{ resourceType: 'Patient', id: 'p' }] }, at: `${at0}.focus[1]` },

  { rule: 'response.identifier', says: 'a reply to nothing', breach: reply({ code: 'ok' }), at: `${at0}.response.identifier`, neighbour: (release) => reply({ code: 'ok', ...answered[release] }) },
  { rule: 'response.identifier', says: 'an Identifier', in: r4, breach: reply({ code: 'ok', ...answered.R5 }), at: `${at0}.response.identifier` },
  { rule: 'response.identifier', says: 'what is no id', in: r4, breach: reply({ code: 'ok', identifier: 'urn:uuid:0b7f4ad0-0000-4000-8000-000000000009' }), at: `${at0}.response.identifier`, neighbour: reply({ code: 'ok', identifier: '0b7f4ad0-0000-4000-8000-000000000009' }) },
  { rule: 'response.identifier', says: 'an id', in: r5, breach: reply({ code: 'ok', ...answered.R4 }), at: `${at0}.response.identifier` },
  { rule: 'response.code', says: 'no code', breach: (release) => reply(answered[release]), at: `${at0}.response.code` },
  { rule: 'response.code', says: 'another code', breach: (release) => reply({ code: 'error', ...answered[release] }), at: `${at0}.response.code`, neighbour: (release) => reply({ code: 'transient-error', ...answered[release] }) },
  { rule: 'response.details', says: 'details that are not in the Bundle', breach: (release) => reply({ code: 'ok', details, ...answered[release] }), at: `${at0}.response.details`, neighbour: (release) => reply({ code: 'ok', details, ...answered[release] }, { severity: 'information', code: 'informational' }) },
  { rule: 'response.details', says: 'details that are a Patient', breach: (release) => reply({ code: 'ok', details: { reference: patient }, ...answered[release] }), at: `${at0}.response.details` },
  { rule: 'response.details', says: 'details without a reference', breach: (release) => reply({ code: 'ok', details: { display: 'all is well' }, ...answered[release] }), at: `${at0}.response.details` },
  { rule: 'response.issues', says: 'a fatal-error without details', breach: (release) => reply({ code: 'fatal-error', ...answered[release] }), at: `${at0}.response.details`, neighbour: (release) => reply({ code: 'fatal-error', details, ...answered[release] }, { severity: 'error', code: 'invalid' }) },
  ...['error', 'fatal'].map((severity): Case => ({ rule: 'response.severity', says: `ok beside an issue that is ${severity}`, breach: (release) => reply({ code: 'ok', details, ...answered[release] }, { severity: 'warning', code: 'invalid' }, { severity, code: 'invalid' }), at: `${at0}.response.code`, neighbour: (release) => reply({ code: 'ok', details, ...answered[release] }, { severity: 'warning', code: 'invalid' }) })),
  { rule: 'response.severity', says: 'ok beside an error in a contained outcome', breach: (release) => ({ ...reply({ code: 'ok', details: { reference: '#oo' }, ...answered[release] }), [`${header}.contained`]: [{ resourceType: 'OperationOutcome', id: 'oo', issue: [{ severity: 'error', code: 'invalid' }] }] }), at: `${at0}.response.code` },

  { rule: 'reference.unresolved', says: 'a urn that nothing has', breach: { 'entry[1].resource.requester': { reference: 'urn:uuid:none' } }, at: 'Bundle.entry[1].resource.requester' },
  { rule: 'reference.unresolved', says: 'a relative reference from a urn', breach: { 'entry[1].resource.requester': { reference: 'Practitioner/2' } }, at: 'Bundle.entry[1].resource.requester', neighbour: { 'entry[2].resource.managingOrganization': { reference: 'Organization/2' } } },
  { rule: 'reference.unresolved', says: 'a contained resource that is not there', breach: { 'entry[1].resource.requester': { reference: '#p' } }, at: 'Bundle.entry[1].resource.requester', neighbour: { 'entry[1].resource.requester': { reference: '#p' }, 'entry[1].resource.contained': [{ resourceType: 'Practitioner', id: 'p' }] } },
  { rule: 'reference.unresolved', says: 'a search', breach: { 'entry[1].resource.requester': { reference: 'Practitioner?identifier=x|1' } }, at: 'Bundle.entry[1].resource.requester' },
  { rule: 'reference.unresolved', says: 'what is no reference', breach: { 'entry[1].resource.requester': { reference: 'somebody' } }, at: 'Bundle.entry[1].resource.requester', neighbour: { 'entry[1].resource.requester': { display: 'somebody' } } },
  { rule: 'reference.unresolved', says: 'a dangling reference inside a contained resource', breach: { 'entry[1].resource.contained': [{ resourceType: 'PractitionerRole', id: 'r', organization: { reference: 'urn:uuid:none' } }] }, at: 'Bundle.entry[1].resource.contained[0].organization' },
  { rule: 'reference.unresolved', says: 'a dangling reference inside the focus', breach: { [`${header}.focus[0].identifier`]: { assigner: { reference: 'urn:uuid:none' } } }, at: `${at0}.focus[0].identifier.assigner`, neighbour: { [`${header}.focus[0].identifier`]: { assigner: { reference: patient } } } },
  { rule: 'reference.external', says: 'a reference to a server', breach: { 'entry[1].resource.requester': { reference: `${server}Practitioner/2` } }, at: 'Bundle.entry[1].resource.requester', neighbour: { 'entry[1].resource.requester': { identifier: { value: '2' } } } },
  { rule: 'reference.near-miss', says: 'another server', breach: { 'entry[1].resource.subject.reference': 'https://other.example/Patient/1' }, at: 'Bundle.entry[1].resource.subject' },
  { rule: 'reference.near-miss', says: 'another version', breach: { 'entry[1].resource.subject.reference': `${patient}/_history/2` }, at: 'Bundle.entry[1].resource.subject', neighbour: { 'entry[1].resource.subject.reference': `${patient}/_history/3` } },
  { rule: 'reference.unresolved', says: 'another version of what only the message can have', breach: { 'entry[1].resource.requester': { reference: 'urn:uuid:0e6d8b3c-0000-4000-8000-000000000009/_history/2' }, 'entry[+]': { fullUrl: 'urn:uuid:0e6d8b3c-0000-4000-8000-000000000009', resource: { resourceType: 'Practitioner', meta: { versionId: '1' } } } }, at: 'Bundle.entry[1].resource.requester', neighbour: { 'entry[1].resource.requester': { reference: 'urn:uuid:0e6d8b3c-0000-4000-8000-000000000009/_history/1' }, 'entry[+]': { fullUrl: 'urn:uuid:0e6d8b3c-0000-4000-8000-000000000009', resource: { resourceType: 'Practitioner', meta: { versionId: '1' } } } } },
  { rule: 'reference.near-miss', says: 'another server, of what goes by a urn here', breach: { 'entry[1].resource.requester': { reference: 'https://other.example/Practitioner/9' }, 'entry[+]': { fullUrl: 'urn:uuid:0e6d8b3c-0000-4000-8000-000000000009', resource: { resourceType: 'Practitioner', id: '9' } } }, at: 'Bundle.entry[1].resource.requester' },
  { rule: 'reference.ambiguous', says: 'a reference that two versions answer', breach: { 'entry[+]': { fullUrl: patient, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '4' } } } }, at: 'Bundle.entry[1].resource.subject', neighbour: { 'entry[+]': { fullUrl: patient, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '4' } } }, 'entry[1].resource.subject.reference': `${patient}/_history/4` } },
  { rule: 'reference.ambiguous', says: 'a focus that two versions answer', breach: { 'entry[+]': { fullUrl: patient, resource: { resourceType: 'Patient', id: '1', meta: { versionId: '4' } } }, [`${header}.focus[0].reference`]: patient }, at: [`${at0}.focus[0]`, 'Bundle.entry[1].resource.subject'] },
  { rule: 'contained.ambiguous', says: 'an id that two contained resources have', breach: { 'entry[1].resource.requester': { reference: '#p' }, 'entry[1].resource.contained': [{ resourceType: 'Practitioner', id: 'p' }, { resourceType: 'Practitioner', id: 'p' }] }, at: 'Bundle.entry[1].resource.requester', neighbour: { 'entry[1].resource.requester': { reference: '#p' }, 'entry[1].resource.contained': [{ resourceType: 'Practitioner', id: 'p' }, { resourceType: 'Practitioner', id: 'q' }] } },
  { rule: 'reference.lenient', says: 'a reference by type and id', mode: 'lenient', breach: { 'entry[1].resource.subject.reference': 'Patient/1' }, at: 'Bundle.entry[1].resource.subject' },

  { rule: 'event.mismatch', says: 'another code', event, breach: { [`${header}.eventCoding.code`]: 'other' }, at: `${at0}.event`, neighbour: { [`${header}.eventCoding.display`]: 'Notify' } },
  { rule: 'event.mismatch', says: 'another system', event, breach: { [`${header}.eventCoding.system`]: 'https://other.example' }, at: `${at0}.event`, neighbour: { [`${header}.eventCoding.version`]: '2' } },
  { rule: 'event.mismatch', says: 'another URI', event: defineEvent({ ...table, coding: undefined, uri: 'https://a.example/event' }), breach: (release) => ({ [`${header}.eventCoding`]: undefined, [`${header}.${release === 'R5' ? 'eventCanonical' : 'eventUri'}`]: 'https://a.example/other' }), at: `${at0}.event`, neighbour: (release) => ({ [`${header}.eventCoding`]: undefined, [`${header}.${release === 'R5' ? 'eventCanonical' : 'eventUri'}`]: 'https://a.example/event|2.0' }) },
  { rule: 'event.unreferenced', says: 'a resource that none refers to', event, breach: { 'entry[+]': organization('9') }, at: 'Bundle.entry[3].resource', neighbour: { 'entry[+]': organization('9'), 'entry[1].resource.requester': { reference: `${server}Organization/9` } } },
  { rule: 'event.unreferenced', says: 'a resource that refers to itself alone', event, breach: { 'entry[+]': { fullUrl: `${server}Organization/9`, resource: { resourceType: 'Organization', id: '9', partOf: { reference: 'Organization/9' } } } }, at: 'Bundle.entry[3].resource' },
  { rule: 'payload.min', says: 'too few', event, breach: { 'entry[2]': organization('9') }, at: 'Bundle.entry' },
  { rule: 'payload.max', says: 'too many', event, breach: { 'entry[+]': organization('7'), 'entry[++]': organization('8'), 'entry[+++]': organization('9') }, at: 'Bundle.entry[5].resource', neighbour: { 'entry[+]': organization('7'), 'entry[++]': organization('8'), 'entry[1].resource.performer': [{ reference: `${server}Organization/7` }, { reference: `${server}Organization/8` }] } },
  { rule: 'payload.type', says: 'another type', event, breach: { 'entry[+]': { fullUrl: 'urn:uuid:d', resource: { resourceType: 'Device' } } }, at: 'Bundle.entry[3].resource' },
  { rule: 'payload.type', says: 'a second MessageHeader', event, breach: { 'entry[+]': { fullUrl: 'urn:uuid:h', resource: { resourceType: 'MessageHeader' } } }, at: 'Bundle.entry[3].resource' },
  { rule: 'focus.type', says: 'a focus of another type', event, breach: { [`${header}.focus[+]`]: { reference: patient } }, at: `${at0}.focus[1]`, neighbour: { [`${header}.focus[0].identifier`]: { assigner: { reference: patient } } } },
  { rule: 'focus.missing', says: 'a resource that is not in focus', event, breach: { [`${header}.focus`]: undefined }, at: `${at0}.focus` },
  { rule: 'focus.missing', says: 'a resource that only the identifier in the focus refers to', event, breach: { [`${header}.focus`]: [{ reference: patient, identifier: { assigner: { reference: order } } }] }, at: `${at0}.focus` },
];

/** The value with some members set, by path; `undefined` takes one away, `[+]` adds to a list. */
function changed(value: object, changes: Changes): object {
  const copy = structuredClone(value);
  for (const [path, to] of Object.entries(changes)) {
    const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
    const last = steps.pop() ?? '';
    const holder = steps.reduce<unknown>((node, step) => (Array.isArray(node) ? node[Number(step)] : member(node, step)), copy);
    if (Array.isArray(holder)) {
      holder[last.startsWith('+') ? holder.length : Number(last)] = to;
    } else if (isObject(holder)) {
      Object.assign(holder, { [last]: to });
    }
  }
  return JSON.parse(JSON.stringify(copy));
}

/** Whether a FHIRPath of the simple kind is right: it begins at the Bundle, and what holds its last element is there. */
function pointsInto(bundle: object, expression: string): boolean {
  if (!/^Bundle(\.[a-zA-Z]+(\[\d+\])?)*$/.test(expression)) {
    return false;
  }
  const steps = expression.split(/[.[\]]+/).slice(1).filter((step) => step !== '');
  const holder = steps.slice(0, /\d/.test(steps.at(-1) ?? '') ? undefined : -1);
  return holder.reduce<unknown>((node, step) => (Array.isArray(node) ? node[Number(step)] : member(node, step)), bundle) !== undefined;
}

const of = (rule: string, issues: readonly Issue[]): readonly Issue[] => issues.filter((issue) => issue.rule === rule);
const modes: readonly ResolutionMode[] = ['strict', 'lenient'];

const runs = cases.flatMap(({ in: releases = all, mode: only, ...rest }) =>
  releases.flatMap((release) => modes.filter((mode) => only === undefined || mode === only).map((mode) => ({ ...rest, release, mode }))),
);

describe('checkMessage', () => {
  it.each(all)('finds nothing in a message without a fault (%s)', (release) => {
    expect(checkMessage(sound(release), { release, event })).toEqual([]);
    expect(checkMessage(sound(release), { release, event, mode: 'lenient' })).toEqual([]);
  });

  it.each(runs)('reports $says ($rule, $release, $mode)', ({ rule, release, mode, event: contract, breach, at }) => {
    const bundle = changed(sound(release), typeof breach === 'function' ? breach(release) : breach);

    const issues = checkMessage(bundle, { release, mode, event: contract });

    const [code, , strict = 'error', lenient = 'warning'] = ruleTable[rule];
    expect(of(rule, issues).flatMap(({ expression }) => expression)).toEqual([at].flat());
    expect(new Set(of(rule, issues).map((issue) => `${issue.severity} ${issue.code}`))).toEqual(new Set([`${mode === 'strict' ? strict : lenient} ${code}`]));
    for (const { expression = [], diagnostics } of issues) {
      expect(expression.filter((path) => !pointsInto(bundle, path))).toEqual([]);
      expect(diagnostics).toMatch(/^[^{}]+[.?]$/);
      expect(diagnostics).not.toMatch(/undefined|: \.|  /);
    }
  });

  it.each(runs)('reports nothing of $rule next to $says ($release, $mode)', ({ rule, release, mode, event: contract, neighbour = {} }) => {
    const bundle = changed(sound(release), typeof neighbour === 'function' ? neighbour(release) : neighbour);

    expect(of(rule, checkMessage(bundle, { release, mode, event: contract }))).toEqual([]);
  });

  it('leaves out of the lenient reading what only we have to do (header.destination)', () => {
    const bundle = changed(sound('R4'), { [`${header}.destination`]: undefined });

    expect(of('header.destination', checkMessage(bundle, { mode: 'lenient' }))).toEqual([]);
  });

  it('reads a member that is undefined as one that is not there, as JSON does (bdl-1, bdl-2, bdl-3, bdl-4, header.shape)', () => {
    const bundle = {
      ...sound('R4'),
      total: undefined,
      entry: [
        { fullUrl: 'urn:uuid:h', search: undefined, request: undefined, response: undefined, resource: { ...Object(member(sound('R4'), 'entry'))[0].resource, focus: undefined, sender: undefined, enterer: undefined, response: undefined, eventUri: undefined } },
      ],
    };

    expect(checkMessage(bundle)).toEqual([]);
    expect(of('header.enterer', checkMessage(bundle, { release: 'R5' }))).toEqual([]);
  });
});

describe('a resource without a type', () => {
  it('is called a resource (entry.orphan, event.unreferenced, fullUrl.id)', () => {
    const bundle = changed(sound('R4'), { 'entry[+]': { fullUrl: `${server}Organization/9`, resource: { id: '8' } } });

    expect(checkMessage(bundle, { event }).filter(({ rule }) => rule !== 'entry.resourceType').map(({ rule, diagnostics }) => [rule, diagnostics])).toEqual([
      ['fullUrl.id', 'This has to end in the id of the resource.'],
      ['entry.orphan', 'Nothing leads to this resource.'],
      ['event.unreferenced', 'Nothing leads to this resource.'],
    ]);
  });
});

describe('the rules of the input', () => {
  const parse = (): unknown => sound('R4');
  const deep = `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`;

  it.each([
    ['text that is no JSON', '{"resourceType":'],
    ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
  ])('reports %s (json.invalid)', (_says, input) => {
    for (const mode of modes) {
      expect(checkMessage(input, { mode })).toMatchObject([{ rule: 'json.invalid', severity: 'fatal', code: 'structure' }]);
      expect(of('json.invalid', checkMessage(JSON.stringify(sound('R4')), { mode }))).toEqual([]);
    }
  });

  it('reports a text that only a tolerant parser could read (json.tolerant)', () => {
    expect(of('json.tolerant', readMessage('{ /* a comment */ }', { parse }).issues)).toMatchObject([{ severity: 'warning', code: 'structure' }]);
    expect(of('json.tolerant', readMessage(JSON.stringify(sound('R4')), { parse }).issues)).toEqual([]);
  });

  it.each([
    ['a resource', { 'entry[2].resource.extension': [JSON.parse(deep)] }],
    ['a Bundle in a resource', { 'entry[+]': { fullUrl: 'urn:uuid:b', resource: { resourceType: 'Bundle', meta: JSON.parse(deep) } } }],
    ['an entry', { 'entry[2].extension': [JSON.parse(deep)] }],
    ['the Bundle itself', { meta: JSON.parse(deep) }],
  ])('reports %s that is nested too deep (input.limit)', (_says, changes) => {
    for (const mode of modes) {
      expect(of('input.limit', checkMessage(changed(sound('R4'), changes), { mode }))).toMatchObject([{ severity: 'fatal', code: 'too-long' }]);
    }
    expect(safeReadMessage(changed(sound('R4'), changes)).message).toBeUndefined();
  });

  it.each([
    ['NaN', NaN],
    ['Infinity', Infinity],
    ['1e400, as it is read,', JSON.parse('-1e400') as unknown],
    ['a bigint', 10n],
  ])('reports %s, which JSON cannot hold, once in each part (json.number)', (_says, value) => {
    const entry = [...itemsOf(member(sound('R4'), 'entry')), { fullUrl: value }, { resource: value }];
    Object.assign(Object(entry[1]).resource, { quantityQuantity: [{ value: 1 }, { unit: 'mg', value }], note: value });
    const bundle = { ...sound('R4'), meta: { extension: [value] }, entry };

    expect(of('json.number', checkMessage(bundle))).toEqual(
      ['Bundle.meta.extension[0]', 'Bundle.entry[1].resource.quantityQuantity[1].value', 'Bundle.entry[3].fullUrl', 'Bundle.entry[4].resource'].map((expression) => ({
        severity: 'error',
        code: 'value',
        rule: 'json.number',
        expression: [expression],
        diagnostics: 'JSON cannot hold this number.',
      })),
    );
    expect(of('json.number', checkMessage(bundle, { mode: 'lenient' }))).toEqual([]);
  });

  it('takes the numbers that JSON can hold (json.number)', () => {
    expect(of('json.number', checkMessage({ ...sound('R4'), meta: [0, -0.5, Number.MAX_VALUE, Number.MIN_VALUE, '1e400', null] }))).toEqual([]);
  });

  it('reports more entries than are read (input.limit)', () => {
    const entry: readonly object[] = Array.from({ length: 100_001 }, () => ({}));

    expect(checkMessage({ ...sound('R4'), entry })).toMatchObject([{ rule: 'input.limit', severity: 'fatal', code: 'too-long' }]);
  });

  it("tells all that an event's own rules find, however much that is", () => {
    const found: readonly Issue[] = Array.from({ length: 150_000 }, () => ({ severity: 'warning', code: 'informational', rule: 'own' }));

    expect(of('own', checkMessage(sound('R4'), { event: defineEvent({ ...table, rules: [() => found] }) }))).toHaveLength(150_000);
  });

  it.each([
    ['a Patient', { resourceType: 'Patient' }],
    ['a list', []],
    ['null', 'null'],
    ['a text', '"Bundle"'],
    ['a number', '5'],
  ])('reports %s in place of a Bundle, and nothing else (bundle.resource)', (_says, input) => {
    for (const mode of modes) {
      expect(checkMessage(input, { mode })).toMatchObject([{ rule: 'bundle.resource', severity: 'fatal', code: 'structure', expression: ['Bundle'] }]);
    }
  });
});

describe('ruleTable', () => {
  it('has no rule that no test breaks', () => {
    const elsewhere: readonly CheckRuleId[] = ['json.invalid', 'json.number', 'json.tolerant', 'input.limit', 'bundle.resource'];

    expect(new Set([...elsewhere, ...cases.map(({ rule }) => rule)])).toEqual(new Set(Object.keys(ruleTable)));
  });

  it.each(['bdl-1', 'bdl-2', 'bdl-5', 'bdl-7', 'bdl-8', 'bdl-12'])('has %s broken in R4, R4B and R5', (rule) => {
    expect(new Set(runs.filter((run) => run.rule === rule).map(({ release }) => release))).toEqual(new Set(all));
  });
});
