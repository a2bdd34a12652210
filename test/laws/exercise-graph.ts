import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect } from 'vitest';
import { addEntry, diffGraphs, isMessagingError, removeEntry, renameEntry, toMermaid, updateEntry, type BundleGraph, type ErrorCode } from '@fhir-messaging/core';
import { literals, type AnyResource } from './bundles.ts';
import { lawSeed } from './seed.ts';

/** How often what is not as it should be is tried. */
export const runs = { seed: lawSeed, numRuns: 10_000 };

/** A slow machine shall not fail what runs 10,000 times. */
export const unhurried = { timeout: 300_000 };

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const official = (release: string, id: string): string => read(`node_modules/hl7.fhir.${release}.examples/Bundle-${id}.json`);

/** Netsmart's message, HL7's example of references, and HL7's message pairs. */
export const samples: readonly unknown[] = [
  read('fixtures/netsmart-update-request.json'),
  official('r4', 'bundle-references'),
  official('r4', '10bb101f-a121-4264-a920-67be9cb82c74'),
  official('r4', '3a0707d3-549e-4467-b8b8-5a2ab3800efe'),
  official('r5', '10bb101f-a121-4264-a920-67be9cb82c74'),
].map((text) => JSON.parse(text) as unknown);

/** Names, literals and other texts that are a little off. */
export const oddTexts: fc.Arbitrary<string> = fc.oneof(
  literals,
  fc.constantFrom('Bundle.entry[0]', 'Bundle.entry[1]', '__proto__', 'constructor', 'Patient', 'Bundle', 'MessageHeader', 'a.b[0]', '../..', ' ', '\n', '\u0000', '\uD800', 'https://fhir.netsmartcloud.com/v4/Patient/987654', 'Patient/987654', 'urn:uuid:', '#'),
  fc.string(),
);

/** What calling something comes to: nothing thrown, one of the codes that it documents, or what it must never throw. */
export function outcomeOf(act: () => unknown, documented: readonly ErrorCode[]): string {
  try {
    act();
    return 'value';
  } catch (error) {
    if (isMessagingError(error) && documented.includes(error.code)) return error.code;
    const told = error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}` : String(error);
    throw new Error(`undocumented: ${told}`, { cause: error });
  }
}

/** What reading a graph may throw. */
export const reading: readonly ErrorCode[] = ['input.limit'];
const editing: readonly ErrorCode[] = ['input.limit', 'entry.unknown', 'entry.invalid', 'entry.duplicate'];

/** Does with a graph all that can be done with one, and counts what came of it. */
export function exercise(graph: BundleGraph<AnyResource>, text: string, count: (outcome: string) => void): void {
  const reads = (act: () => unknown): void => count(outcomeOf(act, reading));
  const edits = (act: () => unknown): void => count(outcomeOf(act, editing));
  const keys = graph.entries.map(({ key }) => key);
  const chosen = keys[text.length % Math.max(keys.length, 1)] ?? text;

  expect([graph.size, new Set(keys).size]).toEqual([keys.length, keys.length]);
  reads(() => graph.header);
  reads(() => graph.focus);
  reads(() => graph.bundle);
  reads(() => JSON.stringify(graph.bundle));
  reads(() => ['Patient', 'ServiceRequest', text].map((type) => graph.all(type)));
  for (const name of [chosen, 'Patient/987654', 'PractitionerRole/45678', text]) {
    reads(() => graph.get(name));
    reads(() => graph.linksFrom(name));
    reads(() => graph.linksTo(name));
    for (const mode of ['strict', 'lenient'] as const) {
      reads(() => {
        const outcome = graph.resolve(text, { from: name, mode });
        return 'resource' in outcome && outcome.resource.id;
      });
    }
  }
  reads(() => graph.resolve(JSON.parse('{"reference":{"__proto__":1},"identifier":5}') as object));
  reads(() => graph.unresolved());
  reads(() => [graph.closure(), graph.closure({ reverse: true })]);
  reads(() => toMermaid(graph, { issues: [{ severity: 'error', code: 'invalid', expression: ['Bundle.entry[0]'] }] }));
  edits(() => expect(updateEntry(graph, chosen, () => undefined)).toBe(graph));
  edits(() => diffGraphs(graph, updateEntry(graph, chosen, (draft) => void Object.assign(draft, { extra: { [text]: { reference: text } } }))));
  edits(() => removeEntry(graph, chosen).unresolved());
  edits(() => addEntry(graph, { fullUrl: text, resource: { resourceType: 'Patient' } }).size);
  edits(() => renameEntry(graph, chosen, 'urn:uuid:fresh').unresolved());
  edits(() => renameEntry(graph, chosen, text));
  edits(() => renameEntry(graph, chosen, 'https://x.example/Patient/1').bundle);
}
