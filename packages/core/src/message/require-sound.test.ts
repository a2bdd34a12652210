import { describe, expect, it } from 'vitest';
import type { IssueSeverity } from '../fhir/codes.ts';
import { requireSound } from './require-sound.ts';

describe('requireSound', () => {
  it('tells the worst findings first, each severity in the order of its findings', () => {
    const issues = (['information', 'error', 'warning', 'fatal', 'error'] as const).map((severity: IssueSeverity, position) => ({ severity, code: 'value', rule: String(position) }) as const);

    expect(() => requireSound(undefined, issues)).toThrow(expect.objectContaining({ code: 'message.invalid', issues: [3, 1, 4, 2, 0].map((position) => issues[position]) }));
    expect(issues.map(({ rule }) => rule)).toEqual(['0', '1', '2', '3', '4']);
  });
});
