import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphOf, parseGraph } from '@fhir-messaging/core';
import { json, type AnyBundle, type AnyResource } from './bundles.ts';
import { exercise, oddTexts, outcomeOf, reading, runs, samples, unhurried } from './exercise-graph.ts';

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

/**
 * Changes parts of a value that is the test's own; what is deep comes last, since the engine's own clone cannot follow it. What is huge comes once: in itself it would be
 * more than a memory holds.
 */
function mutateAll(root: Record<string, unknown>, all: readonly Mutation[]): void {
  const isDeep = ({ what }: Mutation): boolean => what === 'deep';
  const list = all.filter((mutation) => mutation.what !== 'huge' || mutation === all.find(({ what }) => what === 'huge'));
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

describe('mutated Bundles', unhurried, () => {
  it('give values or documented errors, 10,000 times over', () => {
    const outcomes = new Map<string, number>();
    fc.assert(
      fc.property(seeds, fc.array(mutations, { minLength: 1, maxLength: 4 }), oddTexts, fc.boolean(), (seed, list, text, snapshot) => {
        const root = { bundle: JSON.parse(JSON.stringify(seed)) as unknown };
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
        const root = { bundle: JSON.parse(JSON.stringify(seed)) as unknown };
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
