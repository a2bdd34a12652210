import { describe, expect, it } from 'vitest';
import type { BundleLike } from '../fhir/bundle.ts';
import { addEntry, isNamedEntry } from './add-entry.ts';
import { graphOf } from './graph-of.ts';
import { codeOf } from '../../test/code-of.ts';

const s = 'https://s.example/';
const patient = { resourceType: 'Patient' as const, id: 'p' };
const source: BundleLike = {
  resourceType: 'Bundle',
  entry: [
    { fullUrl: `${s}Task/1`, resource: { resourceType: 'Task', for: { reference: 'Patient/p' } } as { resourceType: string } },
    { fullUrl: `${s}Task/2`, resource: { resourceType: 'Task', partOf: [{ reference: 'Task/1' }] } as { resourceType: string } },
  ],
};

describe('addEntry', () => {
  it('puts the entry last, and its references and those to it resolve', () => {
    const before = graphOf(source);

    const after = addEntry(before, { fullUrl: `${s}Patient/p`, resource: patient });

    expect([before.size, after.size]).toEqual([2, 3]);
    expect([before.unresolved().length, after.unresolved().length]).toEqual([1, 0]);
    expect(after.entries.at(-1)?.fullUrl).toBe(`${s}Patient/p`);
    expect(after.get('Patient/p')).toEqual(patient);
    expect(after.entries[0]).toBe(before.entries[0]);
  });

  it('gives a resource alone a fresh urn:uuid (bundle.html#bundle-unique)', () => {
    const graph = addEntry(addEntry(graphOf(source), patient), patient);

    const [first, second] = graph.entries.slice(2).map(({ fullUrl }) => fullUrl);
    expect(first).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(second).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(first).not.toBe(second);
  });

  it('copies what it is given: neither changed nor frozen, and its owner may change it', () => {
    const given = { resourceType: 'Patient' as const, name: [{ family: 'A' }] };
    const graph = addEntry(graphOf(source), { fullUrl: 'urn:uuid:1', resource: given });

    given.name.push({ family: 'B' });

    expect(graph.get('urn:uuid:1')).toEqual({ resourceType: 'Patient', name: [{ family: 'A' }] });
    expect(Object.isFrozen(graph.get('urn:uuid:1'))).toBe(true);
    expect([given, given.name, given.name[0]].some((part) => Object.isFrozen(part))).toBe(false);
  });

  it('adds to a Bundle without entries', () => {
    expect(addEntry(graphOf({ resourceType: 'Bundle', type: 'collection' }), { fullUrl: 'urn:uuid:1', resource: patient }).bundle).toEqual({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'urn:uuid:1', resource: patient }],
    });
  });

  it('refuses a fullUrl that is taken (entry.duplicate, bdl-7)', () => {
    expect(codeOf(() => addEntry(graphOf(source), { fullUrl: `${s}Task/1`, resource: { resourceType: 'Task', status: 'draft', intent: 'order' } }))).toBe('entry.duplicate');
    expect(() => addEntry(graphOf(source), { fullUrl: `${s}Task/1`, resource: { resourceType: 'Task', status: 'draft', intent: 'order', meta: { versionId: '2' } } })).toThrow('an edit gives no second version of it, which bdl-7 would allow');
  });

  it.each([
    ['is relative', 'Patient/p'],
    ['is empty', ''],
    ['names a version (bdl-8)', `${s}Patient/p/_history/1`],
    ["is another type's", `${s}Practitioner/p`],
  ])('refuses a fullUrl that %s (entry.invalid)', (_what, fullUrl) => {
    expect(codeOf(() => addEntry(graphOf(source), { fullUrl, resource: patient }))).toBe('entry.invalid');
  });

  it.each<[string, unknown]>([
    ['a resource without a type', {}],
    ['a resource whose type is no text', { resourceType: 5 }],
    ['an entry without a resource', { fullUrl: 'urn:uuid:1', resource: undefined }],
    ['an entry whose resource has no type', { fullUrl: 'urn:uuid:1', resource: {} }],
    ['an entry without a fullUrl', { resource: patient }],
  ])('refuses %s (entry.invalid)', (_what, added) => {
    expect(codeOf(() => addEntry(graphOf(source), added as never))).toBe('entry.invalid');
  });

  it('refuses what is nested too deep (input.limit)', () => {
    let deep: unknown = {};
    for (let level = 0; level < 5_000; level += 1) deep = [deep];

    expect(codeOf(() => addEntry(graphOf(source), { ...patient, extension: deep } as never))).toBe('input.limit');
  });
});

describe('isNamedEntry', () => {
  it('tells an entry from a resource that has members named alike', () => {
    expect(isNamedEntry({ fullUrl: 'urn:uuid:1', resource: patient })).toBe(true);
    expect(isNamedEntry(patient)).toBe(false);
    expect(isNamedEntry({ resourceType: 'Odd', fullUrl: 'x', resource: 'y' } as never)).toBe(false);
  });
});
