import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diffGraphs, graphOf, parseGraph, toMermaid, type ResolutionMode } from '@fhir-messaging/core';

const require = createRequire(import.meta.url);
const folders = { r4: dirname(require.resolve('hl7.fhir.r4.examples/package.json')), r5: dirname(require.resolve('hl7.fhir.r5.examples/package.json')) };
const pathOf = (release: 'r4' | 'r5', name = ''): string => join(folders[release], name);
const read = (release: 'r4' | 'r5', name: string): string => readFileSync(pathOf(release, name), 'utf8');

const base = 'http://example.org/fhir/';
const urn = 'urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d';

/** Every reference in HL7's example, with the rule that decides it. */
const references = [
  ['Observation/123: relative, made absolute with the base of its holder (bundle.html#references 3)', `${base}Observation/123`, 'Patient/23', 'entry', 'restful-base', `${base}Patient/23`],
  ['Observation/124: absolute, equal to a fullUrl (bundle.html#references 4)', `${base}Observation/124`, `${base}Patient/23`, 'entry', 'full-url', `${base}Patient/23`],
  ['Observation/12: a urn, equal to a fullUrl (bundle.html#references 4)', `${base}Observation/12`, urn, 'entry', 'full-url', urn],
  ['Observation/14: absolute, on another server, not in the Bundle (bundle.html#references 5)', `${base}Observation/14`, 'http://example.org/fhir-2/Patient/1', 'external', 'outside-bundle', undefined],
  ["fhir-2/Observation/14: relative, on another server than the Patient/23 of the Bundle (bundle.html#references 3)", 'http://example.org/fhir-2/Observation/14', 'Patient/23', 'external', 'outside-bundle', undefined],
  ['Observation/47: the second of two versions (bundle.html#references 2)', `${base}Observation/47`, 'Patient/45/_history/2', 'entry', 'version', 'Bundle.entry[8]'],
  ['Observation/48: only an identifier, not looked for (bundle.html#references 6)', `${base}Observation/48`, undefined, 'external', 'identifier-only', undefined],
] as const;

describe('Bundle-bundle-references of HL7', () => {
  const text = read('r4', 'Bundle-bundle-references.json');
  const graph = parseGraph(text);

  it.each(references)('%s', (_title, from, reference, kind, reason, target) => {
    expect(graph.linksFrom(from)).toEqual([{ from, path: 'Observation.subject', reference, target, kind, reason, lenient: false }]);
  });

  it.each(['strict', 'lenient'] as const)('has no other reference, and %s reading finds the same', (mode: ResolutionMode) => {
    const read = parseGraph(text, { mode });

    expect(read.entries.flatMap(({ key }) => read.linksFrom(key)).map(({ from, reference, kind, reason, target }) => [from, reference, kind, reason, target])).toEqual(
      references.map(([, from, reference, kind, reason, target]) => [from, reference, kind, reason, target]),
    );
  });

  it('says where a reference out of the Bundle leads (bundle.html#references 5)', () => {
    expect(graph.resolve('Patient/23', { from: 'http://example.org/fhir-2/Observation/14' })).toEqual({ kind: 'external', reason: 'outside-bundle', url: 'http://example.org/fhir-2/Patient/23' });
    expect(graph.resolve('http://example.org/fhir-2/Patient/1')).toEqual({ kind: 'external', reason: 'outside-bundle', url: 'http://example.org/fhir-2/Patient/1' });
  });

  it('does not choose between the two versions of Patient/45 (bdl-7, bundle.html#references 8)', () => {
    expect(graph.resolve('Patient/45', { from: `${base}Observation/47` })).toEqual({ kind: 'ambiguous', reason: 'several-matches', keys: ['Bundle.entry[7]', 'Bundle.entry[8]'] });
    expect(graph.get('Patient/45')).toBeUndefined();
    expect(graph.get('Bundle.entry[8]')?.meta?.versionId).toBe('2');
  });

  it('finds neither of them where a third version is asked for, and says where that may be (bundle.html#references 2, 5)', () => {
    expect(graph.resolve('Patient/45/_history/3', { from: `${base}Observation/47` })).toEqual({ kind: 'external', reason: 'version-mismatch', url: `${base}Patient/45/_history/3` });
  });

  it('reads a Type/id that two servers have as neither', () => {
    expect(graph.get('Observation/14')).toBeUndefined();
    expect(graph.get(`${base}Observation/14`)).toMatchObject({ subject: { reference: 'http://example.org/fhir-2/Patient/1' } });
  });
});

/** The largest hold definitions by the thousand and nothing new. */
const maxBytes = 2_000_000;

const bundles = (['r4', 'r5'] as const).flatMap((release) =>
  readdirSync(pathOf(release))
    .filter((name) => name.startsWith('Bundle-') && name.endsWith('.json') && statSync(pathOf(release, name)).size <= maxBytes)
    .map((name) => [release, name] as const),
);

describe('every Bundle of at most 2 MB among the examples of HL7', () => {
  it('is there', () => {
    expect(bundles.length).toBeGreaterThan(70);
  });

  it.each(bundles)('%s %s reads as it is written, and every reference has an outcome', (release, name) => {
    const text = read(release, name);
    const graph = parseGraph(text);

    expect(graph.bundle).toEqual(JSON.parse(text));
    expect(diffGraphs(graph, graphOf(graph.bundle))).toEqual({ added: [], removed: [], changed: [] });
    for (const { key, resource } of graph.entries) {
      expect(graph.get(key)).toBe(resource);
      for (const link of graph.linksFrom(key)) {
        expect(link.kind === 'entry' ? graph.linksTo(link.target ?? '') : [link]).toContain(link);
        expect(link.target === undefined).toBe(link.kind !== 'entry');
      }
    }
    expect(toMermaid(graph).split('\n').filter((line) => /^ {2}e\d+\[/.test(line))).toHaveLength(graph.size);
  });
});
