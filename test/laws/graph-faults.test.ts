import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addEntry,
  diffGraphs,
  graphOf,
  isMessagingError,
  parseGraph,
  removeEntry,
  renameEntry,
  toMermaid,
  updateEntry,
  type BundleGraph,
  type ErrorCode,
  type MessagingError,
} from '@fhir-messaging/core';
import { json, literals, type AnyBundle, type AnyResource } from './bundles.ts';

const runs = { seed: 20261121, numRuns: 10_000 };

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const official = (release: string, id: string): string => read(`node_modules/hl7.fhir.${release}.examples/Bundle-${id}.json`);

const samples = [
  read('fixtures/netsmart-update-request.json'),
  official('r4', 'bundle-references'),
  official('r4', '10bb101f-a121-4264-a920-67be9cb82c74'),
  official('r4', '3a0707d3-549e-4467-b8b8-5a2ab3800efe'),
  official('r5', '10bb101f-a121-4264-a920-67be9cb82c74'),
].map((text) => JSON.parse(text) as unknown);

const seeds = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...samples) },
  { weight: 1, arbitrary: json },
  { weight: 1, arbitrary: json.map((value) => ({ resourceType: 'Bundle', entry: [{ fullUrl: 'urn:uuid:1', resource: value }, value] })) },
);

/** What is done to a Bundle: somewhere, found by going down the members that the numbers say. */
interface Mutation {
  readonly way: readonly number[];
  readonly what: 'delete' | 'duplicate' | 'replace' | 'prototype' | 'rename' | 'text' | 'deep' | 'huge' | 'copy-first';
  readonly value: unknown;
  readonly text: string;
}

const oddTexts = fc.oneof(
  literals,
  fc.constantFrom('Bundle.entry[0]', 'Bundle.entry[1]', '__proto__', 'constructor', 'Patient', 'Bundle', 'MessageHeader', 'a.b[0]', '../..', ' ', '\n', '\u0000', '\uD800', 'https://fhir.netsmartcloud.com/v4/Patient/987654', 'Patient/987654', 'urn:uuid:', '#'),
  fc.string(),
);

const common = ['delete', 'duplicate', 'replace', 'prototype', 'rename', 'text', 'copy-first'] as const;
const mutations: fc.Arbitrary<Mutation> = fc.record({
  way: fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }),
  what: fc.oneof({ weight: 100, arbitrary: fc.constantFrom(...common) }, { weight: 1, arbitrary: fc.constantFrom('deep' as const, 'huge' as const) }),
  value: fc.oneof(json, fc.constantFrom<unknown>(null, [], {}, 0, '', true, [null], [[]], { reference: 5 }, { reference: {} }, { identifier: [] }, { resourceType: {} })),
  text: oddTexts,
});

function nestedIn(value: unknown, levels: number): unknown {
  let nested = value;
  for (let level = 0; level < levels; level += 1) nested = level % 2 === 0 ? { extension: nested } : [nested];
  return nested;
}

const put = (holder: object, name: string, value: unknown): void => void Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });

/** Changes parts of a value that is the test's own; what is deep comes last, since the engine's own clone cannot follow it. */
function mutateAll(root: Record<string, unknown>, list: readonly Mutation[]): void {
  const isDeep = ({ what }: Mutation): boolean => what === 'deep';
  list.filter((mutation) => !isDeep(mutation)).forEach((mutation) => mutate(root, mutation));
  list.filter(isDeep).forEach((mutation) => mutate(root, mutation));
}

function mutate(root: Record<string, unknown>, { way, what, value, text }: Mutation): void {
  let holder: object = root;
  let name = 'bundle';
  for (const step of way) {
    const next: unknown = Object.getOwnPropertyDescriptor(holder, name)?.value;
    const names = typeof next === 'object' && next !== null ? Object.keys(next) : [];
    const chosen = names[step % Math.max(names.length, 1)];
    if (typeof next !== 'object' || next === null || chosen === undefined) break;
    holder = next;
    name = chosen;
  }
  const before: unknown = Object.getOwnPropertyDescriptor(holder, name)?.value;
  switch (what) {
    case 'delete':
      if (Array.isArray(holder)) holder.splice(Number(name), 1);
      else if (holder !== root) Reflect.deleteProperty(holder, name);
      return;
    case 'duplicate':
      if (Array.isArray(holder)) holder.push(structuredClone(before));
      else put(holder, `${name}2`, structuredClone(before));
      return;
    case 'copy-first':
      if (Array.isArray(holder) && holder.length > 1) holder[Number(name)] = structuredClone<unknown>(holder[0]);
      return;
    case 'prototype':
      if (!Array.isArray(holder)) put(holder, '__proto__', structuredClone(value));
      return;
    case 'rename':
      if (!Array.isArray(holder) && holder !== root) {
        Reflect.deleteProperty(holder, name);
        put(holder, text, before);
      }
      return;
    case 'text':
      put(holder, name, text);
      return;
    case 'replace':
      put(holder, name, structuredClone(value));
      return;
    case 'deep':
      put(holder, name, nestedIn(before, 5_000));
      return;
    case 'huge':
      put(holder, name, Array.from({ length: 10_000 }, () => value));
  }
}

/** What calling something comes to: nothing thrown, one of the codes that it documents, or what it must never throw. */
function outcomeOf(act: () => unknown, documented: readonly ErrorCode[]): string {
  try {
    act();
    return 'value';
  } catch (error) {
    if (isMessagingError(error) && documented.includes(error.code)) return error.code;
    const told = error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}` : String(error);
    throw new Error(`undocumented: ${told}`, { cause: error });
  }
}

const reading = ['input.limit'] as const;
const editing = ['input.limit', 'entry.unknown', 'entry.invalid', 'entry.duplicate'] as const;

/** Does with a graph all that can be done with one, and counts what came of it. */
function exercise(graph: BundleGraph<AnyResource>, text: string, count: (outcome: string) => void): void {
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

// A slow machine shall not fail what runs 10,000 times.
const unhurried = { timeout: 60_000 };

describe('mutated Bundles', unhurried, () => {
  it('give values or documented errors, 10,000 times over', () => {
    const outcomes = new Map<string, number>();
    fc.assert(
      fc.property(seeds, fc.array(mutations, { minLength: 1, maxLength: 4 }), oddTexts, fc.boolean(), (seed, list, text, snapshot) => {
        const root = { bundle: structuredClone(seed) };
        mutateAll(root, list);
        const given = root.bundle;

        count(outcomeOf(() => exercise(graphOf<AnyResource>(given as AnyBundle, { snapshot: snapshot && list.length === 4, mode: snapshot ? 'lenient' : 'strict' }), text, count), reading));

        expect(typeof given === 'object' && given !== null && Object.isFrozen(given)).toBe(false);
        expect(({} as Record<string, unknown>)['reference']).toBeUndefined();
      }),
      runs,
    );
    function count(outcome: string): void {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    // Every documented outcome was met, and most often a value.
    expect([...outcomes.keys()].sort()).toEqual(['entry.duplicate', 'entry.invalid', 'entry.unknown', 'input.limit', 'value']);
    expect(outcomes.get('value')).toBeGreaterThan(200_000);
  });

  it('are handed out as they are, wherever they are not nested too deep', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(mutations, { minLength: 1, maxLength: 4 }), (seed, list) => {
        const root = { bundle: structuredClone(seed) };
        mutateAll(root, list.filter(({ what }) => what !== 'deep'));
        const text = JSON.stringify(root.bundle);
        const { entry } = (typeof root.bundle === 'object' && root.bundle !== null ? root.bundle : {}) as { entry?: unknown };
        if (Array.isArray(root.bundle) || !Array.isArray(entry) || !entry.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))) return;

        expect(JSON.stringify(parseGraph(text).bundle)).toBe(text);
      }),
      { ...runs, numRuns: 2_000 },
    );
  });
});

/** What is done to a text, at a place from 0 to 1. */
interface Slip {
  readonly at: number;
  readonly what: 'cut' | 'drop' | 'insert' | 'repeat' | 'swap';
  readonly text: string;
}

const sentinel = 'SENTINEL0815';
const slips: fc.Arbitrary<Slip> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  what: fc.constantFrom('cut', 'drop', 'insert', 'insert', 'repeat', 'swap'),
  text: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(sentinel, `"${sentinel}"`, '"__proto__":{"resourceType":"Patient"},', ',', '}', ']', '{', '[', '"', ':', '\\', '\n', '\u0000', '// note\n', '\uFEFF', '1e999', '-', 'null', '\\u12', '\u{1F600}') },
    { weight: 10, arbitrary: fc.string({ maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom('['.repeat(5_000), '{"a":'.repeat(5_000), '[0],'.repeat(20_000), '"x"'.repeat(5_000)) },
  ),
});

function slipped(text: string, { at, what, text: piece }: Slip): string {
  const place = Math.floor(at * text.length);
  switch (what) {
    case 'cut':
      return text.slice(0, place);
    case 'drop':
      return text.slice(0, place) + text.slice(place + 1 + piece.length);
    case 'insert':
      return text.slice(0, place) + piece + text.slice(place);
    case 'repeat':
      return text.slice(0, place) + text.slice(Math.max(0, place - 200));
    case 'swap':
      return text.slice(0, place) + text.slice(place, place + 2).split('').reverse().join('') + text.slice(place + 2);
  }
}

describe('mutated texts', unhurried, () => {
  const texts = samples.map((sample, at) => JSON.stringify(sample, null, at));

  it('give values or documented errors, 10,000 times over', () => {
    const outcomes = new Map<string, number>();
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(slips, { minLength: 1, maxLength: 3 }), oddTexts, (seed, list, odd) => {
        const text = list.reduce(slipped, seed);
        const isJson = readsAsJson(text);
        let fault: MessagingError | undefined;

        const outcome = outcomeOf(() => {
          try {
            exercise(parseGraph<AnyResource>(text), odd, () => undefined);
          } catch (error) {
            if (isMessagingError(error) && error.code === 'json.invalid') fault = error;
            throw error;
          }
        }, ['json.invalid']);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

        expect(outcome).toBe(isJson ? 'value' : 'json.invalid');
        if (fault !== undefined) {
          const lines = text.split('\n');
          const { line, column, message } = fault;
          if (line === undefined || column === undefined) throw new Error('no place');
          expect(message).toBe(`The text is not JSON: expected ${/expected (.+) at line/.exec(message)?.[1] ?? ''} at line ${line}, column ${column}.`);
          expect(line >= 1 && line <= lines.length && column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1).toBe(true);
          expect(`${message} ${JSON.stringify(fault)} ${fault.stack?.split('\n    at ')[0] ?? ''}`).not.toContain(sentinel);
          const place = lines.slice(0, line - 1).reduce((sum, before) => sum + before.length + 1, 0) + column - 1;
          expect(begins(text.slice(0, place))).toBe(true);
          if (!begins(text)) expect(begins(text.slice(0, place + 6))).toBe(false);
        }
      }),
      runs,
    );
    expect(outcomes.get('value')).toBeGreaterThan(300);
    expect(outcomes.get('json.invalid')).toBeGreaterThan(7_000);
  });
});

function readsAsJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a text is the beginning of some JSON: the engine finds nothing amiss but its end. */
function begins(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    return /end of JSON input|Unterminated string/.test(String(error)) || String(error).includes(`position ${text.length}`);
  }
}
