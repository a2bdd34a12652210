import { describe, expect, it } from 'vitest';
import { addEntry } from '../graph/add-entry.ts';
import { graphOf } from '../graph/graph-of.ts';
import { isSameContent, keepContent } from './same-content.ts';

const patient = { resourceType: 'Patient', id: '1' } as const;
const graph = addEntry(graphOf({ resourceType: 'Bundle', type: 'collection' }), patient);
const other = addEntry(graphOf({ resourceType: 'Bundle', type: 'collection' }), { ...patient, id: '2' });

describe('isSameContent', () => {
  it.each([
    ['kept', keepContent],
    ['as they are', (content: object) => content],
  ])('tells graphs apart by their entries, %s', (_says, as) => {
    expect(isSameContent(as(graph), as(other))).toBe(false);
    expect(isSameContent(as(graph), as(graph))).toBe(true);
    expect(isSameContent(as(graph), keepContent(graph))).toBe(true);
  });

  it.each([
    ['kept', keepContent],
    ['as they are', (content: object) => content],
  ])('tells a payload from a graph, %s', (_says, as) => {
    expect(isSameContent(as({ Patient: patient }), as(graph))).toBe(false);
    expect(isSameContent(as(graph), as({}))).toBe(false);
    expect(isSameContent(as({ Patient: patient }), { Patient: { id: '1', resourceType: 'Patient' } })).toBe(true);
  });
});
