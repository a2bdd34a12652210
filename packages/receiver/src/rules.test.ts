import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const file = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

const rows = file('../RULES.md')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim().replaceAll('`', '')));

const source = globSync('**/*.ts', { cwd: import.meta.dirname, exclude: ['**/*.test.ts'] }).map((path) => file(path)).join('\n');
// Rules are the second argument of what makes an issue, or a refusal's third.
const reported = [...source.matchAll(/(?:errorIssue\([^,)]+, |refusal\(\d+, '[a-z-]+', )['`]([a-z.-]+)(\$\{code\})?['`]/g)].flatMap(([, rule = '', code]) =>
  code === undefined ? [rule] : ['fatal-error', 'transient-error'].map((name) => rule + name),
);

describe('RULES.md', () => {
  it('lists each rule that a receiver reports once, and no other', () => {
    expect(rows.map(([rule]) => rule).toSorted()).toEqual([...new Set(reported)].toSorted());
  });

  it.each(rows)('says %s in one sentence, with a status and a code', (_rule, status, code, says = '') => {
    expect(status).toMatch(/^\d{3}( or \d{3})?$/);
    expect(code).toMatch(/^[a-z-]+(, [a-z-]+)*( or [a-z-]+)?$/);
    expect(says).toMatch(/^[A-Za-z].*\.$/);
  });
});
