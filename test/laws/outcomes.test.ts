import { toIssues, toOperationOutcome } from '@fhir-messaging/core';
import type { Issue } from '@fhir-messaging/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lawSeed } from './seed.ts';

const words = fc.constantFrom(undefined, 'Nope.', 'It is not there.', 'Ne "pas" là\\.');
const details = fc.record({ text: words, coding: fc.array(fc.record({ system: fc.constantFrom(undefined, 'urn:x'), code: fc.constantFrom('A1', 'B2'), display: fc.constantFrom(undefined, 'Odd') }), { maxLength: 2 }) });
const anIssue: fc.Arbitrary<Issue> = fc.record({
  severity: fc.constantFrom('fatal', 'error', 'warning', 'information'),
  code: fc.constantFrom('invalid', 'not-found', 'business-rule'),
  rule: fc.constantFrom(undefined, 'bdl-12', 'mine.x'),
  expression: fc.constantFrom(undefined, [], ['Bundle.entry[1]'], ['Bundle', 'Bundle.entry[0].resource']),
  diagnostics: words,
  details: fc.option(details, { nil: undefined }),
});

/** The first issue as it travels. */
const travelled = (issue: Issue): readonly Issue[] => toIssues(JSON.parse(JSON.stringify(toOperationOutcome([issue]))));

/** The strings in a value, those within one another too. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

describe('issues as an OperationOutcome', () => {
  it('say all that they said, and are read back with their severity, code, place and sentence, once and however often', () => {
    fc.assert(
      fc.property(anIssue, (issue) => {
        const said = textsIn(toOperationOutcome([issue])).join('\n');
        expect(textsIn(issue).filter((text) => !said.includes(text))).toEqual([]);

        const { severity, code, expression = [], diagnostics, details: given } = issue;
        const sentence = given?.text ?? diagnostics;
        const [read, ...others] = travelled(issue);
        expect(others).toEqual([]);
        expect(read).toMatchObject({ severity, code, ...(sentence !== undefined && { diagnostics: sentence }) });
        expect([read?.expression ?? [], (read?.details?.coding ?? []).length]).toEqual([expression, given?.coding?.length ?? 0]);

        const [again] = read === undefined ? [] : travelled(read);
        expect(again).toMatchObject({ severity, code, ...(read?.diagnostics !== undefined && { diagnostics: read.diagnostics }) });
        expect(again === undefined ? [] : travelled(again)).toEqual([again]);
      }),
      { numRuns: 2_000, seed: lawSeed },
    );
  });
});
