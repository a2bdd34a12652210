import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

describe('canonicalJson', () => {
  it('is the same whatever the order of the members, at any depth', () => {
    const one = { b: [{ d: 1, c: null }], a: { f: 'x', e: true } };
    const other = { a: { e: true, f: 'x' }, b: [{ c: null, d: 1 }] };

    expect(canonicalJson(one)).toBe('{"a":{"e":true,"f":"x"},"b":[{"c":null,"d":1}]}');
    expect(canonicalJson(other)).toBe(canonicalJson(one));
  });

  it('tells lists in another order apart, and values of another type', () => {
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
    expect(canonicalJson(['1'])).not.toBe(canonicalJson([1]));
    expect(canonicalJson({ a: '"},{"' })).not.toBe(canonicalJson({ a: '', b: '' }));
  });

  it('is JSON, without what JSON does not have', () => {
    expect(JSON.parse(canonicalJson({ b: undefined, a: 'é\n"\u2028' }))).toEqual({ a: 'é\n"\u2028' });
  });

  it('takes a member called __proto__ for a member', () => {
    const value: unknown = JSON.parse('{"__proto__":{"a":1}}');

    expect(canonicalJson(value)).toBe('{"__proto__":{"a":1}}');
  });
});
