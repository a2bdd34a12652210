import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CheckRuleId, RuleId } from '../../fhir/rule-id.ts';
import { ruleTable } from './rule-table.ts';

const text = readFileSync(new URL('../../../RULES.md', import.meta.url), 'utf8');

/** The cells of a Markdown table's row. */
const cellsOf = (line: string): string[] => line.split('|').slice(1, -1).map((cell) => cell.trim());

const rows = text.split('\n').filter((line) => line.startsWith('| `')).map(cellsOf);
const documented = rows.filter((cells) => cells.length === 5);
const outside = rows.filter((cells) => cells.length === 4);
const idOf = ([id = '']: readonly string[]): string => id.replaceAll('`', '');

/** The rules of this package that are reported elsewhere: none more and none less, or this does not compile. */
const ofCore: Readonly<Record<Exclude<RuleId, CheckRuleId>, true>> = {
  'adopt.unmatched': true,
  'reply.mismatch': true,
  'reply.rejected': true,
  'reference.no-base': true,
  'reference.version': true,
  'reference.server': true,
  'assemble.unread': true,
  'assemble.version': true,
  'assemble.outside': true,
  'assemble.revinclude': true,
  'assemble.patient': true,
  'response.missing': true,
  'aborted': true,
};

describe('RULES.md', () => {
  it('lists each rule of the table once, and no other', () => {
    expect(documented.map(idOf).toSorted()).toEqual(Object.keys(ruleTable).toSorted());
  });

  it.each(Object.entries(ruleTable))('tells the severities of %s', (id, [, , strict = 'error', lenient = 'warning']) => {
    const [, , , toldStrict, toldLenient] = documented.find((cells) => idOf(cells) === id) ?? [];

    expect([toldStrict, toldLenient]).toEqual([strict, lenient]);
  });

  it.each(documented.map((cells) => [idOf(cells), cells] as const))('says %s in one sentence, with its source', (_id, [, says = '', source = '']) => {
    expect(says).toMatch(/^[A-Z`].*\.$/);
    expect(says.slice(0, -1)).not.toMatch(/\.( |$)/);
    expect(source).not.toBe('');
  });

  it('lists the rules that are reported elsewhere', () => {
    expect(outside.map(idOf)).toEqual([...Object.keys(ofCore), 'scope.missing', 'netsmart.patient', 'netsmart.update-target']);
    expect(outside.filter((cells) => idOf(cells) in ruleTable)).toEqual([]);
  });
});

describe('ruleTable', () => {
  it.each(Object.entries(ruleTable))('has a sentence for %s', (_id, [, sentence]) => {
    expect(sentence).toMatch(/(\.|\?|: \{\})$/);
    expect(sentence.split('{}').length).toBeLessThanOrEqual(2);
  });
});
