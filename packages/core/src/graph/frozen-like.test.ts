import { describe, expect, it } from 'vitest';
import { frozenCopy } from './frozen-copy.ts';
import { frozenLike } from './frozen-like.ts';
import { codeOf } from '../../test/code-of.ts';
import { isDeeplyFrozen } from '../../test/is-deeply-frozen.ts';
import { nested } from '../../test/nested.ts';

describe('frozenLike', () => {
  const known = frozenCopy({ a: { b: [1, { c: 2 }] }, d: [{ e: 3 }], f: 'x' });

  it('takes what says how it is written, such as a Date, as JSON writes it, whatever was there', () => {
    expect(frozenLike({ start: new Date(0) }, { start: {} })).toEqual({ start: '1970-01-01T00:00:00.000Z' });
    const known = Object.freeze({ start: '1970-01-01T00:00:00.000Z' });
    expect(frozenLike({ start: new Date(0) }, known)).toBe(known);
  });

  it('is the known value where nothing differs', () => {
    expect(frozenLike(structuredClone(known), known)).toBe(known);
    expect(frozenLike(known, known)).toBe(known);
  });

  it('takes over every part that is the same', () => {
    const value = frozenLike({ ...structuredClone(known), f: 'y' }, known);

    expect([value === known, value.a === known.a, value.d === known.d, value.f]).toEqual([false, true, true, 'y']);
    expect(isDeeplyFrozen(value)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a member less', { a: 1 }],
    ['a member more', { a: 1, b: 2, c: 3 }],
    ['another name', { a: 1, c: 2 }],
    ['a name that every object inherits', { a: 1, toString: 2 }],
    ['an array', [1, 2]],
    ['null', null],
    ['text', 'x'],
  ])('is not the known value where there is %s', (_what, value) => {
    const before = frozenCopy({ a: 1, b: 2 });

    expect(frozenLike(value, before)).not.toBe(before);
    expect(frozenLike(value, before)).toEqual(value);
  });

  it('tells arrays of other lengths apart', () => {
    expect(frozenLike([1, 2], Object.freeze([1, 2, 3]))).toEqual([1, 2]);
    expect(frozenLike([1, 2, 3], Object.freeze([1, 2]))).toEqual([1, 2, 3]);
  });

  it('refuses what is nested more than 200 levels deep (input.limit)', () => {
    expect(codeOf(() => frozenLike(nested(5_000), nested(5_000)))).toBe('input.limit');
    expect(codeOf(() => frozenLike({ x: nested(5_000) }, frozenCopy({ x: 1 })))).toBe('input.limit');
  });

  it('counts the levels of what is put deep into a known value (input.limit)', () => {
    const put = (levels: number) => (): unknown => frozenLike({ a: { b: { c: nested(levels) } } }, frozenCopy({ a: { b: { c: 1 } } }));

    expect(codeOf(put(198))).toBe('nothing thrown');
    expect(codeOf(put(199))).toBe('input.limit');
  });
});
