import { describe, expect, it } from 'vitest';
import { groupBy, only, remembered } from './groups.ts';

describe('remembered', () => {
  it('makes a value once for each key', () => {
    const map = new Map<string, object>();
    const first = remembered(map, 'a', () => ({}));

    expect(remembered(map, 'a', () => ({}))).toBe(first);
    expect(remembered(map, 'b', () => ({}))).not.toBe(first);
  });
});

describe('groupBy', () => {
  it('keeps the order of items and of keys, and leaves out what has no key', () => {
    const groups = groupBy(['b1', 'a1', '', 'b2'], ([letter]) => letter);

    expect([...groups]).toEqual([
      ['b', ['b1', 'b2']],
      ['a', ['a1']],
    ]);
  });
});

describe('only', () => {
  it('is the item of a list of one', () => {
    expect(only(['x'])).toBe('x');
    expect([[], ['x', 'y'], undefined].map((items) => only<string>(items))).toEqual([undefined, undefined, undefined]);
  });
});
