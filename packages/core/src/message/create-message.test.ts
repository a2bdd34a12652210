import { describe, expect, it } from 'vitest';
import { isMessagingError } from '../errors.ts';
import { defineEvent } from '../event/define-event.ts';
import type { EventContract } from '../event/event-contract.ts';
import { isError } from '../fhir/issue.ts';
import type { Issue } from '../fhir/issue.ts';
import { addEntry } from '../graph/add-entry.ts';
import { graphOf } from '../graph/graph-of.ts';
import { newFullUrl } from '../graph/new-full-url.ts';
import { removeEntry } from '../graph/remove-entry.ts';
import { updateEntry } from '../graph/update-entry.ts';
import { checkMessage } from './check-message.ts';
import { createMessage } from './create-message.ts';
import type { CreateMessageOptions } from './create-message.ts';
import { readMessage } from './read-message.ts';

const table = {
  coding: { system: 'https://example.org/events', code: 'refer' },
  category: 'consequence',
  focus: ['ServiceRequest', 'Observation'],
  payload: { ServiceRequest: '1..1', Patient: '1..1', Observation: '0..*', Organization: '0..1' },
} as const;
const event: EventContract<typeof table> = defineEvent(table);

const order = { resourceType: 'ServiceRequest', id: '5', status: 'active', intent: 'order', subject: { reference: 'Patient/1' } } as const;
const patient = { resourceType: 'Patient', id: '1' } as const;
const observation = { resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/1' } } as const;
const organization = { resourceType: 'Organization', id: '9' } as const;
const payload = { ServiceRequest: order, Patient: patient, Observation: [observation] };
const source = 'https://a.example';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Fresh ids that can be foretold. */
function counter(): () => string {
  let last = 0;
  return () => `00000000-0000-4000-8000-${String((last += 1)).padStart(12, '0')}`;
}

/** What a refusal finds wrong, as `rule path`. */
const errors = (issues: readonly Issue[]): string[] => issues.filter(isError).map(({ rule, expression }) => [rule, ...(expression ?? [])].join(' '));

/** The issues of a refusal. */
function refused(create: () => unknown): readonly Issue[] {
  try {
    create();
  } catch (error) {
    if (isMessagingError(error) && error.code === 'message.invalid') {
      return error.issues;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('createMessage', () => {
  it.each([NaN, Infinity, 10n])('refuses %s, which JSON cannot hold, and writes no null for it (json.number)', (value) => {
    const dosed = Object({ ...order, quantityQuantity: { value } });

    expect(() => createMessage(event, { ServiceRequest: dosed, Patient: patient }, { source })).toThrow(
      expect.objectContaining({ code: 'message.invalid', issues: expect.arrayContaining([expect.objectContaining({ rule: 'json.number', expression: ['Bundle.entry[1].resource.quantityQuantity.value'] })]) }),
    );
  });

  it('puts the header first, then the payload in the order of the contract (bdl-12)', () => {
    const { graph } = createMessage(event, { Observation: [observation], Patient: patient, ServiceRequest: order }, { source });

    expect(graph.entries.map(({ resource }) => resource?.resourceType)).toEqual(['MessageHeader', 'ServiceRequest', 'Patient', 'Observation']);
    expect(graph.header).toMatchObject({ eventCoding: table.coding, source: { endpoint: source } });
  });

  it('gives every message ids of its own (messaging.html#reliable)', () => {
    const [first, second] = [createMessage(event, payload, { source }), createMessage(event, payload, { source })];
    const ids = [first, second].flatMap(({ bundle, graph }) => [bundle.id ?? '', graph.header?.id ?? '', ...graph.entries.map(({ fullUrl }) => fullUrl?.slice('urn:uuid:'.length) ?? '')]);

    expect(ids.every((id) => uuid.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(10);
    expect(first.graph.header?.id).toBe(first.graph.entries[0]?.fullUrl?.slice('urn:uuid:'.length));
    expect(first.bundle.id).not.toBe(first.graph.header?.id);
  });

  it('takes ids and the time from where it is told to', () => {
    const options = { source, newId: counter(), now: () => Date.parse('2026-11-21T08:00:00Z') };

    const { bundle, identity } = createMessage(event, payload, options);

    expect(bundle.timestamp).toBe('2026-11-21T08:00:00.000Z');
    expect(bundle.entry?.map(({ fullUrl }) => fullUrl?.slice(-1))).toEqual(['4', '1', '2', '3']);
    expect(identity).toMatchObject({ message: '00000000-0000-4000-8000-000000000004', envelope: '00000000-0000-4000-8000-000000000005' });
  });

  it('says when it was put together (Bundle.timestamp)', () => {
    const before = Date.now();
    const at = Date.parse(createMessage(event, payload, { source }).bundle.timestamp ?? '');

    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });

  it('refers to everything in focus by its fullUrl, in the order of the contract (MessageHeader.focus)', () => {
    const { graph } = createMessage(event, payload, { source });

    expect(graph.header?.focus).toEqual([{ reference: graph.entries[1]?.fullUrl }, { reference: graph.entries[3]?.fullUrl }]);
    expect(graph.focus.map(({ resourceType }) => resourceType)).toEqual(['ServiceRequest', 'Observation']);
  });

  it('writes no focus where the contract has none', () => {
    const message = createMessage(defineEvent({ ...table, focus: [] }), payload, { source });

    expect(message.graph.header).not.toHaveProperty('focus');
  });

  describe('fullUrl', () => {
    const entries = (over: object, options: Partial<CreateMessageOptions> = {}): (string | undefined)[] =>
      createMessage(event, Object({ ...payload, Observation: [], ...over }), { source, newId: counter(), ...options }).graph.entries.map(({ fullUrl }) => fullUrl);

    it('is that of the base, where the resource has an id (Bundle.entry.fullUrl)', () => {
      expect(entries({}, { base: 'https://ehr.example/fhir' }).slice(1)).toEqual(['https://ehr.example/fhir/ServiceRequest/5', 'https://ehr.example/fhir/Patient/1']);
    });

    it.each(['https://ehr.example/fhir', 'https://ehr.example/fhir/', 'https://ehr.example/fhir//'])('has one slash behind the base %s', (base) => {
      expect(entries({}, { base })).toContain('https://ehr.example/fhir/Patient/1');
    });

    it.each(['a b', 'a/b', 'a?b', 'a#b'])('is a fresh urn:uuid where %j cannot be the end of a URL (datatypes.html#id)', (id) => {
      const { graph } = createMessage(event, { ...payload, Organization: { ...organization, id } }, { source, base: 'https://ehr.example' });

      expect(graph.entries[4]?.fullUrl).toMatch(/^urn:uuid:/);
    });

    it.each(['a_b', 'x'.repeat(65)])('is that of the base for %j too, which servers have though it is no id: references name it', (id) => {
      const { graph } = createMessage(event, { ...payload, Organization: { ...organization, id } }, { source, base: 'https://ehr.example' });

      expect(graph.entries[4]?.fullUrl).toBe(`https://ehr.example/Organization/${id}`);
    });

    it('is a fresh urn:uuid where there is no base, or no id (bundle.html#bundle-unique)', () => {
      const { id: _, ...draft } = order;

      expect(entries({}).slice(1)).toEqual(['urn:uuid:00000000-0000-4000-8000-000000000001', 'urn:uuid:00000000-0000-4000-8000-000000000002']);
      expect(entries({ ServiceRequest: draft }, { base: 'https://ehr.example' })[1]).toBe('urn:uuid:00000000-0000-4000-8000-000000000001');
    });

    it('is the one of the slot, before any other', () => {
      expect(entries({ Patient: { fullUrl: 'https://other.example/Patient/1', resource: patient } }, { base: 'https://ehr.example' })).toContain('https://other.example/Patient/1');
    });
  });

  describe('source and destination', () => {
    const header = (options: Partial<CreateMessageOptions>): object => createMessage(event, payload, { source, ...options }).graph.header ?? {};

    it.each([
      ['R4', 'endpoint'],
      ['R4B', 'endpoint'],
      ['R5', 'endpointUrl'],
    ] as const)('are addresses as %s writes them (MessageHeader.source.endpoint)', (release, member) => {
      expect(header({ release, destination: 'https://b.example' })).toMatchObject({ source: { [member]: source }, destination: [{ [member]: 'https://b.example' }] });
    });

    it.each(['endpoint', 'endpointUrl'])('are elements with %s, whatever the release', (given) => {
      const party = { [given]: 'https://b.example', name: 'B' };

      expect(header({ source: party, destination: party })).toMatchObject({ source: { endpoint: 'https://b.example', name: 'B' }, destination: [{ endpoint: 'https://b.example', name: 'B' }] });
      expect(header({ release: 'R5', source: party, destination: [party] })).toMatchObject({ source: { endpointUrl: 'https://b.example', name: 'B' }, destination: [{ endpointUrl: 'https://b.example', name: 'B' }] });
    });

    it('may be several', () => {
      expect(header({ destination: ['https://b.example', { endpoint: 'https://c.example', receiver: { display: 'C' } }] })).toMatchObject({
        destination: [{ endpoint: 'https://b.example' }, { endpoint: 'https://c.example', receiver: { display: 'C' } }],
      });
    });

    it('may be a reference in R5 (MessageHeader.destination.endpoint[x])', () => {
      expect(header({ release: 'R5', destination: { endpointReference: { display: 'B' } } })).toMatchObject({ destination: [{ endpointReference: { display: 'B' } }] });
    });

    it('need an address in R4 (header.endpoint)', () => {
      expect(errors(refused(() => header({ source: { name: 'A' } })))).toEqual(['header.endpoint Bundle.entry[0].resource.source.endpoint']);
      expect(errors(refused(() => header({ destination: { name: 'B' } })))).toEqual(['header.endpoint Bundle.entry[0].resource.destination[0].endpoint']);
    });

    it('may be left out, as far as the destination goes (header.destination)', () => {
      const message = createMessage(event, payload, { source });

      expect(message.graph.header).not.toHaveProperty('destination');
      expect(message.issues).toMatchObject([{ rule: 'header.destination', severity: 'information' }]);
    });
  });

  describe('header and bundle', () => {
    it('carry what the SDK does not own', () => {
      const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: 'on-error' }];
      const header = { reason: { text: 'new' }, definition: 'https://example.org/definition', meta: { profile: ['https://example.org/profile'] }, extension, sender: { display: 'A' } };
      const bundle = { meta: { tag: [{ code: 'test' }] }, language: 'en', implicitRules: undefined };

      const message = createMessage(event, payload, { source, header, bundle });

      expect(message.graph.header).toMatchObject(header);
      expect(message.bundle).toMatchObject({ meta: bundle.meta, language: 'en' });
      expect(message.bundle).not.toHaveProperty('implicitRules');
    });

    it.each(['R4', 'R4B'] as const)('%s: an identifier of the Bundle among it, which names nothing there but may be quoted', (release) => {
      const identifier = { system: 'https://example.org/orders', value: 'order-7' };
      const { bundle, graph, identity } = createMessage(event, payload, { source, release, bundle: { identifier } });

      expect(bundle.identifier).toEqual(identifier);
      expect(identity.message).toBe(graph.header?.id);
      expect(identity.ids).toContainEqual({ source: 'Bundle.identifier', ...identifier });
    });

    it.each(['R4', 'R5'] as const)('cannot take over what the SDK owns (%s), the identifier where it names the message (R5)', (release) => {
      const header = { resourceType: 'Patient', id: 'x', eventCoding: { code: 'x' }, eventUri: 'x', eventCanonical: 'x', source: { endpoint: 'x' }, destination: [{ endpoint: 'x' }], focus: [], response: { identifier: 'x', code: 'ok' } };
      const bundle = { resourceType: 'Patient', id: 'x', type: 'batch', timestamp: 'x', entry: [], total: 5, ...(release === 'R5' && { identifier: { value: 'x' } }) };
      const options = { source, release, now: () => 0 };

      const plain = createMessage(event, payload, { ...options, newId: counter() });
      const message = createMessage(event, payload, { ...options, newId: counter(), header, bundle });

      expect(message.bundle).toEqual(plain.bundle);
    });

    it('do no harm with __proto__ for a name', () => {
      const poison: object = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');

      const message = createMessage(event, payload, { source, header: poison, bundle: poison });

      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
      expect(Object.getPrototypeOf(message.bundle)).toBe(Object.prototype);
      expect(Object.getPrototypeOf(message.graph.header)).toBe(Object.prototype);
      expect(new TextDecoder().decode(message.bytes)).toContain('"__proto__":{"polluted":true}');
    });

    it('are checked like the rest (header.shape)', () => {
      expect(errors(refused(() => createMessage(event, payload, { source, header: { sender: [] } })))).toEqual(['header.shape Bundle.entry[0].resource.sender']);
    });
  });

  it.each(['R4', 'R4B', 'R5'] as const)('writes what a strict check finds nothing in (%s)', (release) => {
    const message = createMessage(event, payload, { source, destination: 'https://b.example', release });

    expect(message.release).toBe(release);
    expect(message.issues).toEqual([]);
    expect(checkMessage(message.bundle, { event, release })).toEqual([]);
  });

  it('names an R5 message by Bundle.identifier (R5 messaging.html#identification)', () => {
    const { bundle, identity } = createMessage(event, payload, { source, release: 'R5' });

    expect(bundle.identifier).toEqual({ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${bundle.id ?? ''}` });
    expect(identity.message).toBe(bundle.identifier?.value);
    expect(createMessage(event, payload, { source }).bundle).not.toHaveProperty('identifier');
  });

  it('names its event by a URI as the release does (MessageHeader.event[x])', () => {
    const byUri = defineEvent({ ...table, coding: undefined, uri: 'https://example.org/refer' });

    expect(createMessage(byUri, payload, { source }).graph.header).toMatchObject({ eventUri: 'https://example.org/refer' });
    expect(createMessage(byUri, payload, { source, release: 'R5' }).graph.header).toMatchObject({ eventCanonical: 'https://example.org/refer' });
  });

  it('leaves what it was given as it was, and unfrozen', () => {
    const given = structuredClone({ ...payload, Organization: { fullUrl: 'https://b.example/Organization/9', resource: organization } });
    const options = { source: { endpoint: source }, destination: [{ endpoint: 'https://b.example' }], header: { reason: { text: 'x' } }, bundle: { meta: { tag: [{ code: 'x' }] } }, base: 'https://ehr.example' };
    const [before, optionsBefore] = structuredClone([given, options]);

    const message = createMessage(event, Object(given), options);
    expect(message.bytes.length).toBeGreaterThan(0);

    expect([given, options]).toEqual([before, optionsBefore]);
    const parts: object[] = [given];
    for (const part of parts) {
      parts.push(...Object.values(part).filter((value) => typeof value === 'object'));
    }
    parts.push(options, options.source, options.destination, options.header, options.header.reason, options.bundle, options.bundle.meta);
    expect(parts.filter(Object.isFrozen)).toEqual([]);
  });

  it('does not follow what is done to a resource later', () => {
    const mine = structuredClone(payload);
    const message = createMessage(event, mine, { source });

    Object.assign(mine.Patient, { id: 'another' });

    expect(message.graph.all('Patient')[0]?.id).toBe('1');
  });

  describe('bytes', () => {
    it('are the JSON of the bundle, written once', () => {
      const message = createMessage(event, payload, { source });

      expect(JSON.parse(new TextDecoder().decode(message.bytes))).toEqual(message.bundle);
      expect(message.bytes).toBe(message.bytes);
      expect(message.bundle).toBe(message.graph.bundle);
    });
  });

  describe('a graph', () => {
    const first = createMessage(event, payload, { source, base: 'https://ehr.example' });

    it('keeps its fullUrls and references, and loses its header', () => {
      const { graph } = createMessage(event, first.graph, { source });

      expect(graph.entries.slice(1).map(({ fullUrl, resource }) => ({ fullUrl, resource }))).toEqual(first.graph.entries.slice(1).map(({ fullUrl, resource }) => ({ fullUrl, resource })));
      expect(graph.get('Patient/1')).toBe(first.graph.get('Patient/1'));
      expect(graph.all('MessageHeader')).toHaveLength(1);
      expect(graph.header?.id).not.toBe(first.graph.header?.id);
      expect(graph.unresolved()).toEqual([]);
    });

    it('may be an edited one', () => {
      const edited = addEntry(updateEntry(first.graph, 'ServiceRequest/5', (resource) => void (resource.priority = 'urgent')), { fullUrl: 'urn:uuid:new', resource: { ...observation, id: 'n', subject: { reference: 'https://ehr.example/Patient/1' } } });

      const { graph } = createMessage(event, edited, { source });

      expect(graph.get('ServiceRequest/5')?.priority).toBe('urgent');
      expect(graph.header?.focus).toEqual([{ reference: 'https://ehr.example/ServiceRequest/5' }, { reference: 'https://ehr.example/Observation/o' }, { reference: 'urn:uuid:new' }]);
    });

    it('is written in the release that its header looks like, unless the caller says another (MessageHeader.source)', () => {
      const { graph } = createMessage(event, payload, { source, release: 'R5' });

      expect(createMessage(event, graph, { source }).release).toBe('R5');
      expect(createMessage(event, graph, { source }).graph.header).toMatchObject({ source: { endpointUrl: source } });
      expect(createMessage(event, graph, { source, release: 'R4B' }).release).toBe('R4B');
      expect(createMessage(event, first.graph, { source }).release).toBe('R4');
    });

    it('may have no header', () => {
      const { bundle } = createMessage(event, graphOf({ resourceType: 'Bundle', type: 'collection', entry: first.bundle.entry?.slice(1) }), { source });

      expect(bundle.entry).toHaveLength(4);
      expect(bundle.type).toBe('message');
    });

    const ehr = 'https://ehr.example/fhir/';
    const ordered = { fullUrl: `${ehr}ServiceRequest/5`, resource: order };
    const strangers = { fullUrl: 'urn:uuid:00000000-0000-4000-8000-0000000000aa', resource: patient };

    it('says with its server what a lenient reader would take for a resource of the same id that is on none (bundle.html#references)', () => {
      const { bytes, graph } = createMessage(event, graphOf({ resourceType: 'Bundle', type: 'message', entry: [ordered, strangers] }), { source });

      expect(graph.get(ordered.fullUrl)).toMatchObject({ subject: { reference: `${ehr}Patient/1` } });
      expect(readMessage(bytes).graph.linksFrom(ordered.fullUrl)).toMatchObject([{ kind: 'external', reason: 'outside-bundle' }]);
    });

    it('keeps what is relative to a resource of its own server, whatever else has that id', () => {
      const own = { fullUrl: `${ehr}Patient/1`, resource: patient };
      const anyNumber = defineEvent({ ...table, payload: { ...table.payload, Patient: '1..*' } });
      const { graph } = createMessage(anyNumber, graphOf({ resourceType: 'Bundle', type: 'message', entry: [ordered, own, strangers] }), { source });

      expect(graph.get(ordered.fullUrl)).toEqual(order);
    });

    it('is refused where its contract is broken (payload.min)', () => {
      expect(createMessage(event, removeEntry(first.graph, 'Observation/o'), { source }).graph.size).toBe(3);
      expect(errors(refused(() => createMessage(event, removeEntry(first.graph, 'Patient/1'), { source })))).toContain('payload.min Bundle.entry');
    });

    it('is refused where it was read leniently and is not strictly sound (fullUrl.id)', () => {
      const loose = { fullUrl: 'https://ehr.example/Organization/1', resource: { ...organization, id: '2' } };
      const read = readMessage({ ...first.bundle, entry: [...(first.bundle.entry ?? []), loose] }, { event });

      expect(errors(refused(() => createMessage(event, read.graph, { source })))).toEqual(['fullUrl.id Bundle.entry[4].fullUrl']);
    });

    it('of a searchset, a transaction or its response leaves what only those have, and keeps what else an entry has (bdl-2, bdl-3, bdl-4)', () => {
      const kept = { id: 'x', link: [{ relation: 'self', url: 'https://ehr.example' }], extension: [{ url: 'https://ehr.example/note', valueBoolean: true }] };
      const others = { search: { mode: 'match' }, request: { method: 'PUT', url: 'Patient/1' }, response: { status: '200' } };
      const entry = first.bundle.entry?.slice(1).map((each) => ({ ...each, ...kept, ...others }));
      const { bundle, issues } = createMessage(event, graphOf({ resourceType: 'Bundle', type: 'searchset', entry }), { source, destination: source });

      expect(issues).toEqual([]);
      expect(bundle.entry?.slice(1)).toEqual(first.bundle.entry?.slice(1).map((each) => ({ ...each, ...kept })));
    });

    describe('with entries that have no fullUrl', () => {
      const unnamed = graphOf({ resourceType: 'Bundle', type: 'message', entry: [{ resource: { resourceType: 'MessageHeader' } }, { resource: order }, { resource: patient }, { resource: observation }] });

      it.each(['R4', 'R5'] as const)('names them, and keeps the references between them (%s Bundle.entry.fullUrl)', (release) => {
        const { graph } = createMessage(event, unnamed, { source, release });

        expect(graph.entries.slice(1).map(({ fullUrl }) => fullUrl)).toEqual([1, 2, 3].map(() => expect.stringMatching(/^urn:uuid:/)));
        expect(graph.unresolved()).toEqual([]);
        expect(graph.focus).toMatchObject([{ id: '5' }, { id: 'o' }]);
        expect(unnamed.entries[1]?.fullUrl).toBeUndefined();
      });

      it('names them by the base, where there is one and they have an id', () => {
        const { graph } = createMessage(event, unnamed, { source, base: 'https://ehr.example' });

        expect(graph.entries.slice(1).map(({ fullUrl }) => fullUrl)).toEqual(['https://ehr.example/ServiceRequest/5', 'https://ehr.example/Patient/1', 'https://ehr.example/Observation/o']);
        expect(graph.get('ServiceRequest/5')).toEqual(order);
      });

      it('keeps the fullUrls of the others: what is on a server does not refer to one on none (reference.near-miss)', () => {
        const entry = first.bundle.entry?.map(({ resource, ...each }) => (resource?.resourceType === 'Patient' ? { resource } : { ...each, resource }));
        const { graph, issues } = createMessage(event, graphOf({ resourceType: 'Bundle', type: 'message', entry }), { source });

        expect(graph.get('ServiceRequest/5')).toMatchObject({ subject: { reference: 'https://ehr.example/Patient/1' } });
        expect(issues).toMatchObject([{}, { rule: 'reference.near-miss' }, {}, {}]);
      });
    });

    it.each([undefined, 'https://ehr.example'])('keeps a relative reference of an entry with a fullUrl on no server, which has no meaning, and is refused, whatever has that id (reference.unresolved, base %s)', (base) => {
      const unsaid = { fullUrl: 'urn:uuid:00000000-0000-4000-8000-0000000000bb', resource: order };
      const issues = refused(() => createMessage(event, graphOf({ resourceType: 'Bundle', type: 'message', entry: [unsaid, strangers, { resource: observation }] }, { mode: 'lenient' }), { source, base }));

      expect(errors(issues)).toContain('reference.unresolved Bundle.entry[1].resource.subject');
    });

    it.each([undefined, 'https://ehr.example'])('leads references of the given header to its entries (base %s)', (base) => {
      const entries = addEntry(first.graph, { fullUrl: 'https://ehr.example/Organization/9', resource: organization });
      const { graph } = createMessage(event, entries, { source, base, header: { sender: { reference: 'Organization/9' } } });

      expect(graph.linksFrom(graph.entries[0]?.key ?? '').find(({ path }) => path === 'MessageHeader.sender')).toMatchObject({ kind: 'entry', target: 'https://ehr.example/Organization/9' });
    });
  });

  const dangling = ['reference.unresolved Bundle.entry[1].resource.subject', 'reference.unresolved Bundle.entry[2].resource.subject'];

  it.each([
    ['a missing slot', { Patient: undefined }, [...dangling, 'payload.min Bundle.entry']],
    ['a slot of null', { Patient: null }, ['payload.type', ...dangling, 'payload.min Bundle.entry']],
    ['an empty list where one is asked for', { Patient: [] }, [...dangling, 'payload.min Bundle.entry']],
    ['two where one is asked for', { Organization: [organization, { ...organization, id: '8' }] }, ['payload.max Bundle.entry[5].resource']],
    ['a resource of another type', { Organization: observation }, ['payload.type']],
    ['what is no resource', { Organization: 'Organization/9' }, ['payload.type']],
    ['a resource without a type', { Organization: { id: '9' } }, ['payload.type']],
    ['nothing in a slot with a fullUrl', { Organization: { fullUrl: 'urn:uuid:x', resource: undefined } }, ['payload.type']],
    ['a slot that the contract has not', { Device: { resourceType: 'Device' } }, ['payload.type Bundle.entry[4].resource']],
    ['other resources that the contract does not take', { others: [{ resourceType: 'Device' }] }, ['payload.type Bundle.entry[4].resource']],
    ['a MessageHeader', { MessageHeader: { resourceType: 'MessageHeader' } }, ['payload.type Bundle.entry[4].resource']],
    ['a fullUrl twice', { Observation: [{ fullUrl: 'urn:uuid:x', resource: observation }, { fullUrl: 'urn:uuid:x', resource: { ...observation, id: 'p' } }] }, ['bdl-7 Bundle.entry[4].fullUrl', 'reference.ambiguous Bundle.entry[0].resource.focus[1]', 'reference.ambiguous Bundle.entry[0].resource.focus[2]', 'focus.missing Bundle.entry[0].resource.focus', 'focus.missing Bundle.entry[0].resource.focus']],
    ["a fullUrl of another type's", { Organization: { fullUrl: 'https://a.example/Patient/9', resource: organization } }, ['fullUrl.type Bundle.entry[4].fullUrl']],
    ['a relative fullUrl', { Organization: { fullUrl: 'Organization/9', resource: organization } }, ['fullUrl.absolute Bundle.entry[4].fullUrl']],
    ['a fullUrl with white space', { Organization: { fullUrl: 'https://a.example/Organization/a b', resource: { ...organization, id: 'a b' } } }, ['fullUrl.absolute Bundle.entry[4].fullUrl']],
    ['a fullUrl with a version', { Organization: { fullUrl: 'https://a.example/Organization/9/_history/1', resource: organization } }, ['bdl-8 Bundle.entry[4].fullUrl']],
  ])('refuses %s (message.invalid)', (_says, over, rules) => {
    const issues = refused(() => createMessage(event, Object({ ...payload, ...over }), { source }));

    expect(errors(issues)).toEqual(rules);
  });

  it('says what to do: ids are bare, a resource is added (identity.format, reference.unresolved)', () => {
    expect(() => createMessage(event, payload, { source, newId: newFullUrl })).toThrow(/hyphens and dots: a bare UUID, no urn/);
    expect(() => createMessage(event, { ...payload, ServiceRequest: { ...order, requester: { reference: 'Practitioner/1' } } }, { source })).toThrow(/Add its resource, or say its server/);
    expect(refused(() => createMessage(event, Object({ ...payload, Organization: observation }), { source }))[0]?.diagnostics).toBe('The Organization slot of the payload holds Observation.');
  });

  it('takes the others that a contract allows', () => {
    const open = defineEvent({ ...table, otherResources: true });

    const { graph } = createMessage(open, { ...payload, others: [{ resourceType: 'Device', id: 'd' }] }, { source });

    expect(graph.all('Device')).toHaveLength(1);
  });

  it('says in its refusal what, where and how many more (message.invalid)', () => {
    const create = (): unknown => createMessage(event, Object({ Organization: organization }), { source, newId: counter() });

    expect(create).toThrow('This refer message breaks a rule: There are too few: 0 ServiceRequest, where 1..1 is asked for. (payload.min, Bundle.entry) And 1 more.');
    expect(create).toThrow(expect.objectContaining({ name: 'MessagingError', code: 'message.invalid', issues: expect.arrayContaining([expect.objectContaining({ rule: 'payload.min', severity: 'error' })]) }));
  });

  it('says in its refusal first what is missing, not what refers to it (payload.min)', () => {
    expect(() => createMessage(event, Object({ ...payload, Patient: undefined }), { source })).toThrow('This refer message breaks a rule: There are too few: 0 Patient, where 1..1 is asked for. (payload.min, Bundle.entry) And 2 more.');
  });

  it("names a programmer's mistake: no source, or a release that is none", () => {
    expect(() => createMessage(event, payload, Object({}))).toThrow(new TypeError('createMessage: a source is missing.'));
    expect(() => createMessage(event, payload, Object({ source, release: 'r4' }))).toThrow(new TypeError('createMessage: the release is R4, R4B or R5.'));
  });

  it('writes what JSON makes of a value that knows how it is written, such as a Date', () => {
    const { bytes, bundle } = createMessage(event, Object({ ...payload, Patient: { ...patient, deceasedDateTime: new Date(0) } }), { source });

    expect(bundle.entry?.[2]?.resource).toMatchObject({ deceasedDateTime: '1970-01-01T00:00:00.000Z' });
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(bundle);
  });

  it('says what it was checked for, whatever its caller does with the elements of its Bundle afterwards', () => {
    const bundle = { meta: { tag: [{ code: 'a' }] } };
    const message = createMessage(event, payload, { source, bundle });
    bundle.meta.tag[0]!.code = 'b';

    expect(message.bundle).toMatchObject({ meta: { tag: [{ code: 'a' }] } });
    expect(new TextDecoder().decode(message.bytes)).not.toContain('"b"');
  });

  it('refuses what is nested too deep (input.limit)', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`);

    expect(() => createMessage(event, Object({ ...payload, Patient: { ...patient, extension: [deep] } }), { source })).toThrow(expect.objectContaining({ code: 'input.limit' }));
    expect(() => createMessage(event, payload, { source, bundle: { meta: deep } })).toThrow(expect.objectContaining({ code: 'input.limit' }));
  });
});
