import { describe, expect, it } from 'vitest';
import { graphOf } from './graph-of.ts';
import type { BundleGraph } from './bundle-graph.ts';
import { renameEntry } from './rename-entry.ts';
import { updateEntry } from './update-entry.ts';

const server = 'https://a.example/fhir/';
const task = `${server}Task/1`;

/** Two patients of one server, told apart by their birth dates, on a graph that has looked every name up already. */
function warmGraph(): BundleGraph {
  const graph = graphOf({
    resourceType: 'Bundle',
    type: 'message',
    entry: [
      { fullUrl: task, resource: { resourceType: 'Task', status: 'draft', intent: 'order' } },
      { fullUrl: `${server}Patient/1`, resource: { resourceType: 'Patient', birthDate: '2001' } },
      { fullUrl: `${server}Patient/2`, resource: { resourceType: 'Patient', birthDate: '2002' } },
    ],
  });
  expect(born(graph, 'Patient/1')).toBe('2001');
  expect(graph.get('Patient/2')?.birthDate).toBe('2002');
  return graph;
}

/** Whom a relative reference of the task means. */
function born(graph: BundleGraph, reference: string): string | undefined {
  const found = graph.resolve(reference, { from: task });
  return found.kind === 'entry' && found.resource.resourceType === 'Patient' ? found.resource.birthDate : undefined;
}

describe('what a graph looked up, after an edit', () => {
  it('a name that an entry gave up means nobody, then the next one that takes it', () => {
    const first = warmGraph();
    const second = renameEntry(first, 'Patient/1', `${server}Patient/9`);
    const third = renameEntry(second, 'Patient/2', `${server}Patient/1`);

    expect([first, second, third].map((graph) => born(graph, 'Patient/1'))).toEqual(['2001', undefined, '2002']);
    expect([first, second, third].map((graph) => born(graph, 'Patient/9'))).toEqual([undefined, '2001', '2001']);
    expect([first, second, third].map((graph) => graph.get('Patient/1')?.birthDate)).toEqual(['2001', undefined, '2002']);
    expect(third.entries.map(({ key }) => key)).toEqual([task, `${server}Patient/9`, `${server}Patient/1`]);
  });

  it('one of two with the same fullUrl leaves the name to the other', () => {
    const twice = { fullUrl: `${server}Patient/1`, resource: { resourceType: 'Patient' } } as const;
    const both = graphOf({ resourceType: 'Bundle', type: 'message', entry: [twice, twice] });
    expect(both.entries.map(({ key }) => key)).toEqual(['Bundle.entry[0]', 'Bundle.entry[1]']);

    const renamed = renameEntry(both, 'Bundle.entry[0]', `${server}Patient/2`);

    expect(renamed.entries.map(({ key }) => key)).toEqual([`${server}Patient/2`, `${server}Patient/1`]);
  });

  it('another version of an entry is found under that version', () => {
    const graph = updateEntry(warmGraph(), 'Patient/1', (patient) => {
      patient.meta = { versionId: '7' };
    });
    expect(born(graph, 'Patient/1/_history/7')).toBe('2001');

    const next = updateEntry(graph, 'Patient/1', (patient) => {
      patient.meta = { versionId: '8' };
    });

    expect([graph, next].map((version) => born(version, 'Patient/1/_history/8'))).toEqual([undefined, '2001']);
  });
});
