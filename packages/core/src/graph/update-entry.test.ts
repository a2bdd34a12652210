import { describe, expect, it } from 'vitest';
import { isMessagingError } from '../errors.ts';
import type { BundleLike } from '../fhir/bundle.ts';
import type { BundleGraph } from './bundle-graph.ts';
import { graphOf } from './graph-of.ts';
import { updateEntry } from './update-entry.ts';
import { isDeeplyFrozen } from '../../test/is-deeply-frozen.ts';
import { bundleOf } from '../../test/bundle-of.ts';
import type { AnyResource } from '../../test/bundle-of.ts';

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'nothing thrown';
  } catch (error) {
    return isMessagingError(error) ? error.code : error instanceof Error ? error.name : String(error);
  }
}

const s = 'https://s.example/';
const order = `${s}ServiceRequest/1`;

function source(): BundleLike<AnyResource> {
  return bundleOf(
    { fullUrl: `${s}MessageHeader/h`, resource: { resourceType: 'MessageHeader', focus: [{ reference: 'ServiceRequest/1' }] } },
    { fullUrl: order, resource: { resourceType: 'ServiceRequest', id: '1', priority: 'routine', subject: { reference: 'Patient/p' }, note: [{ text: 'a' }, { text: 'b' }] } },
    { fullUrl: `${s}Patient/p`, resource: { resourceType: 'Patient', id: 'p', meta: { versionId: '1' } } },
    { fullUrl: 'urn:uuid:x', resource: { resourceType: 'Basic', id: 'x' } },
  );
}

describe('updateEntry', () => {
  it('gives a graph with the resource changed', () => {
    const before = graphOf(source());

    const after = updateEntry(before, 'ServiceRequest/1', (request) => {
      request.priority = 'urgent';
    });

    expect(after.get('ServiceRequest/1')?.priority).toBe('urgent');
    expect(before.get('ServiceRequest/1')?.priority).toBe('routine');
    expect(after.bundle.entry?.[1]?.resource).toBe(after.get(order));
    expect(after.size).toBe(before.size);
  });

  it.each([order, 'ServiceRequest/1'])('takes the name %s', (name) => {
    expect(updateEntry(graphOf(source()), name, (request) => void Object.assign(request, { id: '2' })).get(order)?.id).toBe('2');
  });

  it('takes a key where there is no fullUrl', () => {
    const graph = updateEntry(graphOf(bundleOf({ resource: { resourceType: 'Basic' } })), 'Bundle.entry[0]', (basic) => {
      basic.id = 'new';
    });

    expect(graph.get('Bundle.entry[0]')?.id).toBe('new');
  });

  it('takes a resource that the recipe returns', () => {
    const given = { resourceType: 'ServiceRequest' as const, status: 'draft' as const, intent: 'order' as const, subject: { reference: 'Patient/p' } };

    const graph = updateEntry(graphOf(source()), 'ServiceRequest/1', () => given);

    expect(graph.get(order)).toEqual(given);
    expect(graph.get(order)).not.toBe(given);
    expect(Object.isFrozen(given) || Object.isFrozen(given.subject)).toBe(false);
  });

  it('keeps every other entry, and every other part of this one, the same object', () => {
    const before = graphOf(source());

    const after = updateEntry(before, 'ServiceRequest/1', (request) => {
      request.note?.push({ text: 'c' });
    });

    expect(after.entries.map((entry, at) => entry === before.entries[at])).toEqual([true, false, true, true]);
    expect(after.entries.map((entry, at) => entry.resource === before.entries[at]?.resource)).toEqual([true, false, true, true]);
    expect(after.get('ServiceRequest/1')?.subject).toBe(before.get('ServiceRequest/1')?.subject);
    expect(after.get('ServiceRequest/1')?.note?.[0]).toBe(before.get('ServiceRequest/1')?.note?.[0]);
  });

  it.each<[string, (resource: AnyResource) => unknown]>([
    ['does nothing', () => undefined],
    ['writes what was there', (request) => void Object.assign(request, { priority: 'routine' })],
    ['writes an equal object', (request) => void Object.assign(request, { subject: { reference: 'Patient/p' } })],
    ['writes equal arrays', (request) => void Object.assign(request, { note: [{ text: 'a' }, { text: 'b' }] })],
    ['changes and changes back', (request) => void Object.assign(Object.assign(request, { priority: 'stat' }), { priority: 'routine' })],
    ['returns what it was given', (request) => request],
    ['returns an equal copy', (request) => JSON.parse(JSON.stringify(request)) as unknown],
    ['returns the members in another order', (request) => Object.fromEntries(Object.entries(JSON.parse(JSON.stringify(request)) as object).reverse())],
    ['makes a member undefined that was not there', (request) => void Object.assign(request, { language: undefined })],
    ['deletes a member that was not there', (request) => void Reflect.deleteProperty(request, 'language')],
  ])('gives the same graph where the recipe %s', (_what, recipe) => {
    const graph = graphOf(source());

    expect(updateEntry(graph, 'ServiceRequest/1', recipe as never)).toBe(graph);
  });

  it('takes out a member that the recipe makes undefined', () => {
    const graph = updateEntry(graphOf(source()), 'ServiceRequest/1', (request) => {
      request.priority = undefined;
    });

    expect(Object.keys(graph.get('ServiceRequest/1') ?? {})).toEqual(['resourceType', 'id', 'subject', 'note']);
  });

  it('makes arrays shorter and longer', () => {
    const graph = graphOf(source());

    const shorter = updateEntry(graph, 'ServiceRequest/1', (request) => void request.note?.shift());
    const longer = updateEntry(shorter, 'ServiceRequest/1', (request) => void request.note?.push({ text: 'c' }, { text: 'd' }));
    const none = updateEntry(longer, 'ServiceRequest/1', (request) => void request.note?.splice(0));

    expect([graph, shorter, longer, none].map((one) => one.get('ServiceRequest/1')?.note?.map(({ text }) => text).join(''))).toEqual(['ab', 'b', 'bcd', '']);
  });

  it('tells an array from an object of the same members', () => {
    const graph = graphOf(bundleOf({ fullUrl: 'urn:uuid:1', resource: { resourceType: 'Basic', x: [] } }));

    const after = updateEntry(graph, 'urn:uuid:1', (basic) => void Object.assign(basic, { x: {} }));

    expect(JSON.stringify(after.get('urn:uuid:1'))).toBe('{"resourceType":"Basic","x":{}}');
  });

  it('moves parts about in a resource', () => {
    const graph = updateEntry(graphOf(source()), 'ServiceRequest/1', (request) => {
      request.extension = [{ url: 'u', valueReference: request.subject }];
      request.note?.reverse();
    });

    expect(graph.get('ServiceRequest/1')?.extension?.[0]?.valueReference).toEqual({ reference: 'Patient/p' });
    expect(graph.get('ServiceRequest/1')?.note?.map(({ text }) => text)).toEqual(['b', 'a']);
  });

  it('copies what a recipe puts in: neither changed nor frozen, and its owner may change it', () => {
    const note = { text: 'mine', extension: [{ url: 'u' }] };
    const graph = updateEntry(graphOf(source()), 'ServiceRequest/1', (request) => {
      request.note = [note];
    });

    note.text = 'changed later';
    note.extension.push({ url: 'v' });

    expect(graph.get('ServiceRequest/1')?.note).toEqual([{ text: 'mine', extension: [{ url: 'u' }] }]);
    expect([note, note.extension, note.extension[0]].some((part) => Object.isFrozen(part))).toBe(false);
  });

  it('hands out what is frozen at any depth', () => {
    const graph = updateEntry(graphOf(source()), 'ServiceRequest/1', (request) => {
      request.note = [{ text: 'x', extension: [{ url: 'u', valueReference: request.subject }] }];
    });

    expect(isDeeplyFrozen(graph.bundle)).toBe(true);
  });

  it('leaves what was borrowed as it was', () => {
    const own = source();
    const subject = own.entry?.[1]?.resource?.['subject'];

    updateEntry(graphOf(own), 'ServiceRequest/1', (request) => {
      request.subject.display = 'x';
    });

    expect(own).toEqual(source());
    expect([own, own.entry, own.entry?.[1], own.entry?.[1]?.resource, subject].some((part) => Object.isFrozen(part))).toBe(false);
  });

  it('follows new references, ids and versions', () => {
    const before = graphOf(source(), { mode: 'lenient' });
    expect([before.unresolved(), before.linksTo(`${s}Patient/p`).length]).toEqual([[], 1]);

    const after = updateEntry(before, 'ServiceRequest/1', (request) => {
      request.subject = { reference: 'Basic/y' };
      request.supportingInfo = [{ reference: 'Patient/p/_history/2' }];
    });
    const renamed = updateEntry(after, 'urn:uuid:x', (basic) => void Object.assign(basic, { id: 'y' }));
    const next = updateEntry(renamed, 'Patient/p', (patient) => {
      patient.meta = { versionId: '2' };
    });

    expect(after.unresolved().map(({ reference, reason }) => `${reference ?? ''} ${reason}`)).toEqual(['Basic/y outside-bundle', 'Patient/p/_history/2 version-mismatch']);
    expect(renamed.unresolved().map(({ reference }) => reference)).toEqual(['Patient/p/_history/2']);
    expect(next.unresolved()).toEqual([]);
    expect(next.linksTo('urn:uuid:x')).toHaveLength(1);
  });

  it('keeps the Bundle around the entries, and the other members of the entry', () => {
    const own = { resourceType: 'Bundle' as const, id: 'b', timestamp: '2026-01-01T00:00:00Z', entry: [{ fullUrl: 'urn:uuid:1', link: [{ relation: 'x' }], resource: { resourceType: 'Basic' } }] };

    const { bundle } = updateEntry(graphOf(own), 'urn:uuid:1', (basic) => void Object.assign(basic, { id: '1' }));

    expect(bundle).toEqual({ ...own, entry: [{ ...own.entry[0], resource: { resourceType: 'Basic', id: '1' } }] });
  });

  it('keeps the way that the graph reads references', () => {
    const graph = graphOf(bundleOf({ fullUrl: 'urn:uuid:1', resource: { resourceType: 'Task', id: 't', partOf: [{ reference: 'Task/t' }] } }), { mode: 'lenient' });

    expect(updateEntry(graph, 'urn:uuid:1', (task) => void Object.assign(task, { status: 'draft' })).unresolved()).toEqual([]);
  });

  it.each([
    ['nobody has', 'urn:uuid:nobody'],
    ['no type has', 'Patient/1'],
    ['is empty', ''],
  ])('refuses a name that %s (entry.unknown)', (_what, name) => {
    expect(codeOf(() => updateEntry(graphOf(source()), name, () => undefined))).toBe('entry.unknown');
  });

  it('says whether no entry goes by a name, or more than one (entry.unknown)', () => {
    const two = graphOf(bundleOf({ fullUrl: 'https://a.example/Task/1', resource: { resourceType: 'Task' } }, { fullUrl: 'https://b.example/Task/1', resource: { resourceType: 'Task' } }));

    expect(() => updateEntry(two, 'Task/1', () => undefined)).toThrow('More than one entry goes by that name: use the key of one.');
    expect(() => updateEntry(two, 'Task/2', () => undefined)).toThrow('No entry goes by that name');
    expect(() => updateEntry(two, 'Bundle.entry[7]', () => undefined)).toThrow('No entry goes by that name');
  });

  it('refuses a name that several entries have (entry.unknown)', () => {
    const twice = graphOf(bundleOf({ fullUrl: order, resource: { resourceType: 'ServiceRequest' } }, { fullUrl: order, resource: { resourceType: 'ServiceRequest' } }));

    expect(codeOf(() => updateEntry(twice, order, () => undefined))).toBe('entry.unknown');
    expect(updateEntry(twice, 'Bundle.entry[1]', (request) => void Object.assign(request, { id: '2' })).entries.map(({ resource }) => resource?.id)).toEqual([undefined, '2']);
  });

  it('refuses another resource type, or none (entry.invalid)', () => {
    const graph = graphOf(source());

    expect(codeOf(() => updateEntry(graph, 'urn:uuid:x', () => ({ resourceType: 'Patient' })))).toBe('entry.invalid');
    expect(codeOf(() => updateEntry(graph, 'urn:uuid:x', (basic) => void Reflect.deleteProperty(basic, 'resourceType')))).toBe('entry.invalid');
  });

  it('refuses an entry that holds no resource (entry.invalid)', () => {
    expect(codeOf(() => updateEntry(graphOf(bundleOf({ fullUrl: 'urn:uuid:1' })), 'urn:uuid:1', () => undefined))).toBe('entry.invalid');
  });

  it('edits a resource whose type is broken, as long as it stays so', () => {
    const broken = graphOf({ resourceType: 'Bundle', entry: [{ fullUrl: 'urn:uuid:1', resource: { resourceType: 5 } }] } as unknown as BundleLike);

    expect(updateEntry(broken, 'urn:uuid:1', () => undefined)).toBe(broken);
    expect(updateEntry(broken, 'urn:uuid:1', (resource) => void Object.assign(resource, { id: '1' })).get('urn:uuid:1')).toEqual({ resourceType: 5, id: '1' });
  });

  it('refuses what is nested too deep, or holds itself (input.limit)', () => {
    const ring: Record<string, unknown> = {};
    ring['ring'] = ring;
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 5_000; level += 1) deep = { deep };
    const put = (value: unknown) => (): unknown => updateEntry(graphOf(source()), 'urn:uuid:x', (basic) => void Object.assign(basic, { value }));

    expect([codeOf(put(ring)), codeOf(put(deep))]).toEqual(['input.limit', 'input.limit']);
  });

  it.each<[string, (basic: object) => unknown]>([
    ['is async', async () => undefined],
    ['is async, and changes something first', async (basic: object) => void Object.assign(basic, { language: 'de' })],
    ['returns text', () => 'text'],
    ['returns null', () => null],
    ['returns an array', () => []],
  ])('throws a TypeError where the recipe %s', (_what, recipe) => {
    expect(codeOf(() => updateEntry(graphOf(source()), 'urn:uuid:x', recipe as never))).toBe('TypeError');
  });

  it('lets an error of the recipe through, and the graph is as it was', () => {
    const graph = graphOf(source());
    const mine = new Error('mine');

    expect(() =>
      updateEntry(graph, 'urn:uuid:x', (basic) => {
        basic.id = 'half done';
        throw mine;
      }),
    ).toThrow(mine);
    expect(graph.get('urn:uuid:x')?.id).toBe('x');
  });

  it('never hands out Object.prototype for a member named __proto__', () => {
    const before = graphOf(JSON.parse('{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Basic","x":{"a":1}}}]}') as BundleLike);
    const recipe = (() => JSON.parse('{"resourceType":"Basic","x":{"a":1,"__proto__":{}}}') as unknown) as never;

    const after: BundleGraph<AnyResource> = updateEntry(before, 'urn:uuid:1', recipe) as never;

    const made = Object.getOwnPropertyDescriptor(after.get('urn:uuid:1')?.['x'], '__proto__')?.value as unknown;
    expect(made).toEqual({});
    expect(made).not.toBe(Object.prototype);
    expect(Object.isFrozen(Object.prototype)).toBe(false);
  });
});
