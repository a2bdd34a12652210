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

  it('copies what JSON makes of a value that knows how it is written, such as a Date', () => {
    const deceased = new Date(0);
    const amount = { toJSON: () => ({ value: 1, when: deceased, toJSON: 'a member like any other' }) };

    const copy = frozenCopy({ deceased, never: new Date(NaN), amounts: [amount], counts: new Map([[1, 2]]) });

    expect(copy).toEqual({ deceased: '1970-01-01T00:00:00.000Z', never: null, amounts: [{ value: 1, when: '1970-01-01T00:00:00.000Z', toJSON: 'a member like any other' }], counts: {} });
    expect(isDeeplyFrozen(copy)).toBe(true);
    expect(Object.isFrozen(deceased)).toBe(false);
  });

  it('refuses a value that is written as itself (input.limit)', () => {
    const value = { toJSON: (): unknown => value };

    expect(codeOf(() => frozenCopy(value))).toBe('input.limit');
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
