import { describe, expect, it } from 'vitest';
import { isNonEmpty, parseCardinality } from './cardinality.ts';

describe('parseCardinality', () => {
  it.each([
    ['1..1', 1, 1],
    ['0..1', 0, 1],
    ['0..*', 0, Infinity],
    ['1..*', 1, Infinity],
    ['2..5', 2, 5],
    ['10..12', 10, 12],
  ])('reads %s', (text, min, max) => {
    expect(parseCardinality(text)).toEqual({ min, max });
  });

  it.each(['', '1', '1..', '..1', '*..1', '1...2', '1..2..3', ' 1..1', '1..1\n', '-1..1', '1.5..2', '0..0', '5..2', 'many', '1..**'])('refuses "%s"', (text) => {
    expect(parseCardinality(text)).toBeUndefined();
  });
});

describe('isNonEmpty', () => {
  it('tells a list with an item from an empty one', () => {
    expect(isNonEmpty([undefined])).toBe(true);
    expect(isNonEmpty([])).toBe(false);
  });
});
