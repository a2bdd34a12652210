import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import type { AnyEvent } from '../event/event-contract.ts';
import type { Issue } from '../fhir/issue.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { graphOf } from '../graph/graph-of.ts';
import { checkMessage } from './check-message.ts';
import { createMessage } from './create-message.ts';
import { readMessage } from './read-message.ts';

const own: Issue = { severity: 'warning', code: 'business-rule', rule: 'own.rule', expression: ['Bundle'], diagnostics: 'Ours.' };
const event = defineEvent({ uri: 'https://example.org/refer', category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1' }, rules: [(graph: BundleGraph) => (graph.size > 1 ? [own] : [])] });
const order = { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { display: 'x' } } as const;
const message = createMessage(event, { ServiceRequest: order }, { source: 'https://a.example', destination: 'https://b.example' });
const { timestamp: _, ...bundle } = message.bundle;
const rules = (issues: readonly Issue[]): (string | undefined)[] => issues.map(({ rule }) => rule);

describe('checkMessage', () => {
  it.each<[string, object | string | Uint8Array]>([
    ['text', JSON.stringify(bundle)],
    ['bytes', new TextEncoder().encode(JSON.stringify(bundle))],
    ['a Bundle', bundle],
    ['a graph', graphOf(bundle)],
    ['a lenient graph', graphOf(bundle, { mode: 'lenient' })],
    ['a message', readMessage(bundle)],
  ])('checks %s (bundle.timestamp)', (_says, input) => {
    expect(checkMessage(input)).toMatchObject([{ rule: 'bundle.timestamp', severity: 'warning' }]);
    expect(checkMessage(input, { mode: 'lenient' })).toMatchObject([{ rule: 'bundle.timestamp', severity: 'information' }]);
  });

  it('reads references in its own mode, not in that of the graph (reference.unresolved, reference.lenient)', () => {
    const patient = { fullUrl: 'urn:uuid:p', resource: { resourceType: 'Patient', id: '1' } };
    const loose = { ...bundle, entry: [...(bundle.entry ?? []), patient, { fullUrl: 'urn:uuid:c', resource: { resourceType: 'Coverage', beneficiary: { reference: 'Patient/1' } } }] };

    for (const mode of ['strict', 'lenient'] as const) {
      expect(rules(checkMessage(graphOf(loose, { mode }), { mode: 'strict' }))).toContain('reference.unresolved');
      expect(rules(checkMessage(graphOf(loose, { mode }), { mode: 'lenient' }))).toContain('reference.lenient');
    }
  });

  it('adds the rules of the event', () => {
    expect(rules(checkMessage(message, { event }))).toEqual(['own.rule']);
    expect(rules(checkMessage(message))).toEqual([]);
  });

  it.each([
    ['nothing', undefined],
    ['a promise, whose issues would come too late', Promise.resolve([own])],
    ['a text', 'Ours.'],
  ])('names a rule of the event that gives %s in place of a list', (_says, given) => {
    const mine = (): unknown => given;
    const broken: AnyEvent = defineEvent(Object({ ...event.table, rules: [() => [], mine] }));

    expect(() => checkMessage(message, { event: broken })).toThrow(new TypeError('The rule "mine" of https://example.org/refer gives no list of issues.'));
    expect(() => readMessage(message.bytes, { event: broken })).toThrow(TypeError);
  });

  it('is held to the release that it is told, else to what the message looks like', () => {
    const r5 = createMessage(event, { ServiceRequest: order }, { source: 'https://a.example', destination: 'https://b.example', release: 'R5' });

    expect(rules(checkMessage(r5.bundle))).toEqual([]);
    expect(rules(checkMessage(r5.bundle, { release: 'R4' }))).toEqual(['header.event', 'header.endpoint', 'header.endpoint']);
    expect(rules(checkMessage(message.bundle, { release: 'R5' }))).toEqual(['header.event', 'header.endpoint', 'header.endpoint', 'identity.message']);
  });

  it('throws for no input', () => {
    const check: (input: never) => readonly Issue[] = checkMessage;

    for (const input of [undefined, null, 5, true, [], '', new Uint8Array(), Symbol.iterator, () => 5]) {
      expect(Reflect.apply(check, undefined, [input]).length).toBeGreaterThan(0);
    }
  });

  it('neither changes nor freezes what it checks', () => {
    const mine = structuredClone(bundle);

    checkMessage(mine, { event });

    expect(mine).toEqual(bundle);
    expect([mine, mine.entry, mine.entry?.[0]?.resource].some(Object.isFrozen)).toBe(false);
  });
});
