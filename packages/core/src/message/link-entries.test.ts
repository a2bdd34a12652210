import { describe, expect, it } from 'vitest';
import { isMessagingError } from '../errors.ts';
import { defineEvent } from '../event/define-event.ts';
import type { EventContract } from '../event/event-contract.ts';
import { member } from '../fhir/json.ts';
import { createMessage } from './create-message.ts';
import type { CreateMessageOptions } from './create-message.ts';

const table = {
  coding: { system: 'https://example.org/events', code: 'refer' },
  category: 'consequence',
  focus: ['ServiceRequest'],
  payload: { ServiceRequest: '1..1', Patient: '0..1', Organization: '0..*', Practitioner: '0..*' },
} as const;
const event: EventContract<typeof table> = defineEvent(table);

const a = 'https://a.example/fhir/';
const b = 'https://b.example/fhir/';
const at = (fullUrl: string, resource: object): object => ({ fullUrl, resource });
const organization = (id: string, more: object = {}): object => ({ resourceType: 'Organization', id, ...more });

/** A message about an order with one reference, and where that leads: the number of an entry, or why it leads to none. */
function led(order: object, payload: object, options: Partial<CreateMessageOptions> = {}): string {
  const { graph } = createMessage(event, Object({ ServiceRequest: order, ...payload }), { source: a, ...options });
  const [link] = graph.linksFrom(graph.entries[1]?.key ?? '');
  const position = graph.entries.findIndex(({ key }) => key === link?.target);
  return position < 0 ? `${link?.reason ?? 'no reference'}: ${link?.reference ?? ''}` : `entry ${position}`;
}

/** The rules and paths of a refusal. */
function refusal(order: object, payload: object, options: Partial<CreateMessageOptions> = {}): readonly string[] {
  try {
    led(order, payload, options);
  } catch (error) {
    if (isMessagingError(error)) {
      return error.issues.filter(({ severity }) => severity === 'error').map(({ rule, expression }) => `${rule ?? ''} ${expression?.join() ?? ''}`);
    }
    throw error;
  }
  return [];
}

const requesting = (reference: string): object => ({ resourceType: 'ServiceRequest', id: '5', requester: { reference } });
const relative = requesting('Organization/1');

describe('createMessage', () => {
  it.each<[string, object, object, Partial<CreateMessageOptions>]>([
    ['of an unknown server to the one given resource of that type and id', relative, { Organization: [organization('2'), organization('1')] }, {}],
    ['of an unknown server to the one that has a server', relative, { Organization: [organization('2'), at(`${b}Organization/1`, organization('1'))] }, {}],
    ['of the base to what is on the base', relative, { Organization: [organization('2'), organization('1')] }, { base: a }],
    ['of the base to what is named there', relative, { Organization: [at(`${b}Organization/1`, organization('1')), at(`${a}Organization/1`, organization('1'))] }, { base: a }],
    ['of a known server to the one on that server', at(`${a}ServiceRequest/5`, relative), { Organization: [at(`${b}Organization/1`, organization('1')), at(`${a}Organization/1`, organization('1'))] }, {}],
    ['of a known server to the one on that server, whatever the base', at(`${a}ServiceRequest/5`, relative), { Organization: [organization('1'), at(`${a}Organization/1`, organization('1'))] }, { base: b }],
    ['to a urn', requesting('urn:uuid:00000000-0000-4000-8000-000000000001'), { Organization: [organization('2'), at('urn:uuid:00000000-0000-4000-8000-000000000001', organization('1'))] }, {}],
    ['that is absolute', requesting(`${b}Organization/1`), { Organization: [organization('1'), at(`${b}Organization/1`, organization('1'))] }, { base: a }],
    ['to a version, on a server', at(`${a}ServiceRequest/5`, requesting('Organization/1/_history/2')), { Organization: [at(`${a}Organization/1`, organization('1', { meta: { versionId: '1' } })), at(`${a}Organization/1`, organization('1', { meta: { versionId: '2' } }))] }, {}],
    ['to the version that the given resource is', requesting('Organization/1/_history/2'), { Organization: [organization('2'), organization('1', { meta: { versionId: '2' } })] }, {}],
    ['to the version that the given resource is, on the base', requesting('Organization/1/_history/2'), { Organization: [organization('2'), organization('1', { meta: { versionId: '2' } })] }, { base: a }],
  ])('leads a reference %s', (_says, order, payload, options) => {
    expect(led(order, payload, options)).toBe('entry 3');
  });

  it.each<[string, object, object, Partial<CreateMessageOptions>, string]>([
    ['of a known server to another server', at(`${a}ServiceRequest/5`, relative), { Organization: [at(`${b}Organization/1`, organization('1'))] }, {}, 'outside-bundle: Organization/1'],
    ['of a known server to one of no known server, nor under a name that a lenient reader finds it by', at(`${a}ServiceRequest/5`, relative), { Organization: [organization('1')] }, {}, `outside-bundle: ${a}Organization/1`],
    ['of a known server to a urn', at(`${a}ServiceRequest/5`, relative), { Organization: [at('urn:uuid:00000000-0000-4000-8000-000000000001', organization('1'))] }, {}, `outside-bundle: ${a}Organization/1`],
    ['of a known server with a version to one of no known server', at(`${a}ServiceRequest/5`, requesting('Organization/1/_history/2')), { Organization: [organization('1', { meta: { versionId: '2' } })] }, {}, `outside-bundle: ${a}Organization/1/_history/2`],
    ['of a known server to several of no known server', at(`${a}ServiceRequest/5`, relative), { Organization: [organization('1'), organization('1')] }, {}, `outside-bundle: ${a}Organization/1`],
    ['of the base to a urn', relative, { Organization: [at('urn:uuid:00000000-0000-4000-8000-000000000001', organization('1'))] }, { base: a }, `outside-bundle: ${a}Organization/1`],
    ['of the base to a urn, where it stands in a draft', { resourceType: 'ServiceRequest', requester: { reference: 'Organization/1' } }, { Organization: [at('urn:uuid:00000000-0000-4000-8000-000000000001', organization('1'))] }, { base: a }, `outside-bundle: ${a}Organization/1`],
    ['of a known server to the base', at(`${a}ServiceRequest/5`, relative), { Organization: [organization('1')] }, { base: b }, 'outside-bundle: Organization/1'],
    ['of the base to another server', relative, { Organization: [at(`${b}Organization/1`, organization('1'))] }, { base: a }, 'outside-bundle: Organization/1'],
    ['of a draft to another server than the base', { resourceType: 'ServiceRequest', requester: { reference: 'Organization/1' } }, { Organization: [at(`${b}Organization/1`, organization('1'))] }, { base: a }, `outside-bundle: ${a}Organization/1`],
    ['of a draft with a version to the base', { resourceType: 'ServiceRequest', requester: { reference: 'Organization/1/_history/3' } }, {}, { base: a }, `outside-bundle: ${a}Organization/1/_history/3`],
    ['that is absolute to another server', requesting(`${b}Organization/1`), { Organization: [at(`${a}Organization/1`, organization('1'))] }, {}, `outside-bundle: ${b}Organization/1`],
    ['that is absolute to one of no known server', requesting(`${b}Organization/1`), { Organization: [organization('1')] }, {}, `outside-bundle: ${b}Organization/1`],
    ['to another type of the same id', relative, { Practitioner: [{ resourceType: 'Practitioner', id: '1' }] }, { base: a }, 'outside-bundle: Organization/1'],
    ['to a version that the given resource is not, which its server may have', requesting('Organization/1/_history/1'), { Organization: [organization('1', { meta: { versionId: '2' } })] }, { base: a }, 'version-mismatch: Organization/1/_history/1'],
    ['without a literal', { resourceType: 'ServiceRequest', requester: { identifier: { value: '1' } } }, { Organization: [organization('1', { identifier: [{ value: '1' }] })] }, {}, 'identifier-only: '],
    ['to what is contained', { ...requesting('#o'), contained: [organization('o')] }, { Organization: [organization('o')] }, {}, 'contained: #o'],
  ])('never leads a reference %s', (_says, order, payload, options, outcome) => {
    expect(led(order, payload, options)).toBe(outcome);
  });

  it.each<[string, object, object, Partial<CreateMessageOptions>, readonly string[]]>([
    ['two servers answer', relative, { Organization: [at(`${a}Organization/1`, organization('1')), at(`${b}Organization/1`, organization('1'))] }, {}, ['reference.ambiguous', 'reference.unresolved']],
    ['a server and an unknown one answer', relative, { Organization: [organization('1'), at(`${b}Organization/1`, organization('1'))] }, {}, ['reference.ambiguous', 'reference.unresolved']],
    ['two of no known server answer', relative, { Organization: [organization('1'), organization('1')] }, {}, ['reference.ambiguous', 'reference.unresolved']],
    ['two versions answer', at(`${a}ServiceRequest/5`, relative), { Organization: ['1', '2'].map((versionId) => at(`${a}Organization/1`, organization('1', { meta: { versionId } }))) }, {}, ['reference.ambiguous']],
    ['nothing answers, and nobody knows the server', relative, {}, {}, ['reference.unresolved']],
    ['the given resource is another version', requesting('Organization/1/_history/2'), { Organization: [organization('1', { meta: { versionId: '3' } })] }, {}, ['reference.unresolved']],
    ['the given resource has no version', requesting('Organization/1/_history/2'), { Organization: [organization('1')] }, {}, ['reference.unresolved']],
    ['it is a search', requesting('Organization?identifier=1'), { Organization: [organization('1')] }, {}, ['reference.unresolved']],
    ['a urn answers nothing', requesting('urn:uuid:00000000-0000-4000-8000-000000000001'), { Organization: [organization('1')] }, {}, ['reference.unresolved']],
  ])('refuses a reference where %s', (_says, order, payload, options, rules) => {
    expect(refusal(order, payload, options)).toEqual(rules.map((rule) => `${rule} Bundle.entry[1].resource.requester`));
  });

  it('follows references in extensions, contained resources and nested lists', () => {
    const order = {
      resourceType: 'ServiceRequest',
      extension: [{ url: 'x', valueReference: { reference: 'Organization/1' } }],
      contained: [{ resourceType: 'PractitionerRole', id: 'r', organization: { reference: 'Organization/1' } }],
      performer: [{ reference: '#r' }, { reference: 'Organization/1', display: 'kept' }],
      supportingInfo: [{ identifier: { value: '1', assigner: { reference: 'Organization/1' } } }],
    };

    const { graph } = createMessage(event, Object({ ServiceRequest: order, Organization: [organization('1')] }), { source: a });

    const target = graph.entries[2]?.key;
    expect(graph.linksFrom(graph.entries[1]?.key ?? '').map(({ path, target: to }) => [path, to === target])).toEqual([
      ['ServiceRequest.extension[0].valueReference', true],
      ['ServiceRequest.contained[0].organization', true],
      ['ServiceRequest.performer[0]', false],
      ['ServiceRequest.performer[1]', true],
      ['ServiceRequest.supportingInfo[0]', false],
      ['ServiceRequest.supportingInfo[0].identifier.assigner', true],
    ]);
    expect(graph.get(graph.entries[1]?.key ?? '')).toMatchObject({ performer: [{}, { display: 'kept' }] });
  });

  it('keeps the version that a reference names, where its target has versions (bundle.html#references)', () => {
    const versioned = { resourceType: 'ServiceRequest', requester: { reference: 'Organization/1/_history/2' } };
    const given = organization('1', { meta: { versionId: '2' } });
    const written = (base?: string): unknown => createMessage(event, Object({ ServiceRequest: versioned, Organization: [given] }), { source: a, base }).graph.all('ServiceRequest')[0]?.requester?.reference;

    expect(written(a)).toBe(`${a}Organization/1/_history/2`);
    expect(written()).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
  });

  it('warns of what another server has under the type and id of a given resource (reference.near-miss)', () => {
    const { issues } = createMessage(event, Object({ ServiceRequest: at(`${a}ServiceRequest/5`, relative), Organization: [organization('1')] }), { source: a });

    expect(issues.filter(({ rule }) => rule === 'reference.near-miss')).toMatchObject([{ severity: 'warning', expression: ['Bundle.entry[1].resource.requester'] }]);
  });

  it('keeps what stays relative on its server relative', () => {
    const { graph } = createMessage(event, Object({ ServiceRequest: relative, Organization: [organization('1')] }), { source: a, base: a });

    expect(graph.get('ServiceRequest/5')).toEqual(relative);
  });

  it('leads what the header refers to in the same way (MessageHeader.sender)', () => {
    const header = { sender: { reference: 'Organization/1' }, responsible: { reference: 'Practitioner/2' } };
    const create = (payload: object, base?: string): unknown =>
      member(createMessage(event, Object({ ServiceRequest: { resourceType: 'ServiceRequest' }, ...payload }), { source: a, header, base }).graph.header, 'sender');

    expect(create({ Organization: [organization('1')] }, a)).toEqual({ reference: `${a}Organization/1` });
    expect(create({ Organization: [at(`${b}Organization/1`, organization('1'))] }, a)).toEqual({ reference: `${a}Organization/1` });
    expect(refusal({ resourceType: 'ServiceRequest' }, { Organization: [organization('1'), organization('1')] }, { header: { sender: header.sender } })).toEqual(['reference.ambiguous Bundle.entry[0].resource.sender', 'reference.unresolved Bundle.entry[0].resource.sender']);
  });

  it('does not touch a Bundle in a resource, which is a scope of its own', () => {
    const inner = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: relative }] };

    const { graph } = createMessage(event, Object({ ServiceRequest: { resourceType: 'ServiceRequest', contained: [inner] }, Organization: [organization('1')] }), { source: a });

    expect(graph.get(graph.entries[1]?.key ?? '')).toMatchObject({ contained: [inner] });
  });
});
