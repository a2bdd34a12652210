import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import { addEntry } from '../graph/add-entry.ts';
import { graphOf } from '../graph/graph-of.ts';
import { removeEntry } from '../graph/remove-entry.ts';
import { createMessage } from './create-message.ts';
import { payloadOf } from './payload-of.ts';

const event = defineEvent({
  uri: 'https://example.org/refer',
  category: 'consequence',
  focus: ['ServiceRequest'],
  payload: { ServiceRequest: '1..1', Patient: '0..1', Observation: '0..*', Practitioner: '1..*', Organization: '2..5' },
});
const organizations = [{ resourceType: 'Organization' as const, id: '1' }, { resourceType: 'Organization' as const, id: '2' }] as const;
const { graph } = createMessage(
  event,
  { ServiceRequest: { resourceType: 'ServiceRequest', id: '5', status: 'active', intent: 'order', subject: { display: 'x' } }, Practitioner: [{ resourceType: 'Practitioner', id: '7' }], Organization: organizations },
  { source: 'https://a.example', base: 'https://ehr.example' },
);

describe('payloadOf', () => {
  it('gives one resource where at most one may be, else a list, in the order of the contract', () => {
    const payload = payloadOf(event, graph);

    expect(Object.keys(payload)).toEqual(['ServiceRequest', 'Observation', 'Practitioner', 'Organization']);
    expect(payload.ServiceRequest).toBe(graph.get('ServiceRequest/5'));
    expect(payload.Patient).toBeUndefined();
    expect(payload.Observation).toEqual([]);
    expect(payload.Practitioner).toEqual([graph.get('Practitioner/7')]);
    expect(payload.Organization).toHaveLength(2);
    expect(Object.isFrozen(payload)).toBe(true);
  });

  it('gives payloads whose copy has the lists too, by getters that no payload has for itself (the engine would keep each with its graph)', () => {
    const [one, another] = [payloadOf(event, graph), payloadOf(event, addEntry(graph, { resourceType: 'Patient', id: '1' }))];
    const getters = (payload: object): unknown[] => Object.values(Object.getOwnPropertyDescriptors(payload)).flatMap((descriptor): unknown => Reflect.get(descriptor, 'get') ?? []);

    expect({ ...one }.Practitioner).toBe(graph.all('Practitioner'));
    expect(getters(one)).toHaveLength(3);
    expect(getters(one)).toEqual(getters(another));
  });

  it('gives the same resources as the graph', () => {
    const withPatient = addEntry(graph, { resourceType: 'Patient', id: '1' });

    expect(payloadOf(event, withPatient).Patient).toBe(withPatient.all('Patient')[0]);
  });

  it('reads, and copies, no list that is not asked for', () => {
    let deep: object = {};
    for (let level = 0; level < 250; level += 1) deep = { extension: [deep] };
    const bundle = { ...graph.bundle, entry: graph.bundle.entry?.map((entry) => (entry.resource?.resourceType === 'Practitioner' ? { ...entry, resource: { ...entry.resource, ...deep } } : entry)) };
    const payload = payloadOf(event, graphOf(bundle));

    expect(payload.Organization).toHaveLength(2);
    expect(() => payload.Practitioner).toThrow(expect.objectContaining({ code: 'input.limit' }));
  });

  it('does not mind what else is wrong with the graph', () => {
    expect(payloadOf(event, removeEntry(graph, graph.entries[0]?.key ?? '')).Practitioner).toHaveLength(1);
  });

  it.each([
    ['fewer', 'payload.min', removeEntry(graph, 'ServiceRequest/5')],
    ['more', 'payload.max', addEntry(graph, Object({ resourceType: 'ServiceRequest' }))],
    ['other', 'payload.type', addEntry(graph, { resourceType: 'Device' })],
  ])('refuses a graph with %s resources than the contract takes (%s)', (_says, rule, wrong) => {
    expect(() => payloadOf(event, wrong)).toThrow(expect.objectContaining({ code: 'message.invalid', issues: [expect.objectContaining({ rule })] }));
  });
});
