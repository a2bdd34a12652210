import { describe, expectTypeOf, it } from 'vitest';
import type { Issue } from './issue.ts';
import type { RuleId } from './rule-id.ts';

describe('RuleId', () => {
  it('finds what is wrong in a table of words, by rule', () => {
    const words: Partial<Record<RuleId, string>> = { 'focus.unresolved': 'The order is missing.' };
    // @ts-expect-error No rule has this id.
    const wrong: Partial<Record<RuleId, string>> = { 'focus.unresloved': 'The order is missing.' };

    expectTypeOf(words).toEqualTypeOf(wrong);
  });

  it('leaves others their own rules', () => {
    expectTypeOf<{ severity: 'error'; code: 'value'; rule: 'ward.full' }>().toExtend<Issue>();
    expectTypeOf<RuleId>().toExtend<Issue['rule']>();
  });
});
