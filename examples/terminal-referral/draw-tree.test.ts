import { graphOf } from '@fhir-messaging/core';
import type { BundleGraph, Resource } from '@fhir-messaging/core';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { drawTree } from './draw-tree.ts';

/** Observations of which each refers to the next. */
function chainOf(length: number): BundleGraph<Resource> {
  const entry = Array.from({ length }, (_, at) => ({
    fullUrl: `https://ehr.example.org/fhir/Observation/${at}`,
    resource: { resourceType: 'Observation', id: String(at), ...(at + 1 < length && { hasMember: [{ reference: `Observation/${at + 1}` }] }) },
  }));
  return graphOf({ resourceType: 'Bundle', entry });
}

const drawn = (graph: BundleGraph<Resource>): readonly string[] => drawTree(graph).map((line) => stripVTControlCharacters(line));

describe('drawTree', () => {
  it('draws along references, each entry under the one that refers to it', () => {
    expect(drawn(chainOf(3))).toEqual(['Observation 0', '└─ hasMember[0] Observation 1', '   └─ hasMember[0] Observation 2']);
  });

  it('goes on below where a chain is long, and leaves nothing out', () => {
    const lines = drawn(chainOf(20_000));

    expect(lines.filter((line) => line.endsWith('↓'))).not.toEqual([]);
    expect(new Set(lines.flatMap((line) => line.match(/Observation \d+/) ?? [])).size).toBe(20_000);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(200);
  });
});
