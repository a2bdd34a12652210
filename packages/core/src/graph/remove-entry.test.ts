import { describe, expect, it } from 'vitest';
import type { BundleLike } from '../fhir/bundle.ts';
import { graphOf } from './graph-of.ts';
import { removeEntry } from './remove-entry.ts';
import { codeOf } from '../../test/code-of.ts';

const s = 'https://s.example/';
const source: BundleLike = {
  resourceType: 'Bundle',
  entry: [
    { fullUrl: `${s}Task/1`, resource: { resourceType: 'Task', for: { reference: 'Patient/p' } } as { resourceType: string } },
    { fullUrl: `${s}Task/2`, resource: { resourceType: 'Task', partOf: [{ reference: 'Task/1' }] } as { resourceType: string } },
  ],
};

describe('removeEntry', () => {
  it('takes one entry out, and leaves what dangles to unresolved()', () => {
    const before = graphOf(source);

    const after = removeEntry(before, 'Task/1');

    expect(after.entries.map(({ key }) => key)).toEqual([`${s}Task/2`]);
    expect(after.entries[0]).toBe(before.entries[1]);
    expect(after.get('Task/1')).toBeUndefined();
    expect(after.unresolved().map(({ from, path, reason }) => `${from} ${path} ${reason}`)).toEqual([`${s}Task/2 Task.partOf[0] outside-bundle`]);
    expect(before.size).toBe(2);
  });

  it.each(['strict', 'lenient'] as const)('says with its server what led to it, where an entry on none has its id: nobody takes that for it (%s)', (mode) => {
    const other = { fullUrl: 'urn:uuid:00000000-0000-4000-8000-00000000000a', resource: { resourceType: 'Task', id: '1' } };
    const graph = graphOf({ ...source, entry: [...(source.entry ?? []), other] }, { mode });

    const after = removeEntry(graph, `${s}Task/1`);

    expect(after.get('Task/2')).toEqual({ resourceType: 'Task', partOf: [{ reference: `${s}Task/1` }] });
    expect(after.unresolved()).toMatchObject([{ path: 'Task.partOf[0]', reason: 'outside-bundle' }]);
    expect(after.entries[1]).toBe(graph.entries[2]);
  });

  it('makes a fullUrl unique again, and keys by position move up (bdl-7)', () => {
    const graph = graphOf({
      resourceType: 'Bundle',
      entry: [
        { fullUrl: `${s}Basic/1`, resource: { resourceType: 'Basic', meta: { versionId: '1' } } },
        { fullUrl: `${s}Basic/1`, resource: { resourceType: 'Basic', meta: { versionId: '2' } } },
        { resource: { resourceType: 'Basic', id: 'c' } },
      ],
    });

    const after = removeEntry(graph, 'Bundle.entry[0]');

    expect(after.entries.map(({ key }) => key)).toEqual([`${s}Basic/1`, 'Bundle.entry[1]']);
    expect(after.get('Bundle.entry[1]')).toBe(graph.get('Bundle.entry[2]'));
    expect(after.get('Basic/1')).toBe(graph.get('Bundle.entry[1]'));
    expect(graph.entries.map(({ key }) => key)).toEqual(['Bundle.entry[0]', 'Bundle.entry[1]', 'Bundle.entry[2]']);
  });

  it.each(['Task/3', 'urn:uuid:nobody', 'Bundle.entry[0]'])('refuses %s, which names no entry (entry.unknown)', (name) => {
    expect(codeOf(() => removeEntry(graphOf(source), name))).toBe('entry.unknown');
  });

  it('leaves an empty Bundle after the last', () => {
    const graph = removeEntry(removeEntry(graphOf(source), 'Task/1'), 'Task/2');

    expect([graph.size, graph.header, [...graph.closure()], graph.bundle]).toEqual([0, undefined, [], { resourceType: 'Bundle', entry: [] }]);
  });
});
