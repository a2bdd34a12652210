import { describe, expect, it } from 'vitest';
import { frozenCopy } from './frozen-copy.ts';
import { codeOf } from '../../test/code-of.ts';
import { isDeeplyFrozen } from '../../test/is-deeply-frozen.ts';
import { nested } from '../../test/nested.ts';

describe('frozenCopy', () => {
  it('copies plain JSON, frozen throughout, and leaves the original as it was', () => {
    const value = { a: [1, 'x', null, true, { b: [] }], c: { d: {} } };

    const copy = frozenCopy(value);

    expect(copy).toEqual(value);
    expect(isDeeplyFrozen(copy)).toBe(true);
    expect([value, value.a, value.a[4], value.c, value.c.d].some((part) => Object.isFrozen(part))).toBe(false);
    expect(copy.c).not.toBe(value.c);
  });

  it.each([1, 'x', null, undefined, true])('gives %j as it is', (value) => {
    expect(frozenCopy(value)).toBe(value);
  });

  it('copies 200 levels and refuses more (input.limit)', () => {
    expect(frozenCopy(nested(201))).toEqual(nested(201));
    expect(codeOf(() => frozenCopy(nested(202)))).toBe('input.limit');
    expect(codeOf(() => frozenCopy(nested(5_000)))).toBe('input.limit');
  });

  it('copies an array of a million elements', () => {
    expect(frozenCopy(Array.from({ length: 1_000_000 }, (_, at) => at))).toHaveLength(1_000_000);
  });
});
