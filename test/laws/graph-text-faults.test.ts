import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMessagingError, parseGraph, type MessagingError } from '@fhir-messaging/core';
import type { AnyResource } from './bundles.ts';
import { exercise, oddTexts, outcomeOf, runs, samples, unhurried } from './exercise-graph.ts';

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
        const given = list.reduce(slipped, seed);
        // The mark of a byte order at the beginning is no part of it, nor a column.
        const text = given.replace(/^\uFEFF/, '');
        const isJson = readsAsJson(text);
        let fault: MessagingError | undefined;

        const outcome = outcomeOf(() => {
          try {
            exercise(parseGraph<AnyResource>(given), odd, () => undefined);
          } catch (error) {
            if (isMessagingError(error) && error.code === 'json.invalid') fault = error;
            throw error;
          }
        }, ['json.invalid']);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

        expect(outcome).toBe(isJson && text.trimStart().startsWith('{') ? 'value' : 'json.invalid');
        if (fault !== undefined && !isJson) {
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
