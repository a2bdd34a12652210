import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

describe('canonicalJson', () => {
  it('is the same whatever the order of the members, at any depth', () => {
    const one = { b: [{ d: 1, c: null }], a: { f: 'x', e: true } };
    const other = { a: { e: true, f: 'x' }, b: [{ c: null, d: 1 }] };

    expect(canonicalJson(one)).toBe('{"a":{"e":true,"f":"x"},"b":[{"c":null,"d":1}]}');
    expect(canonicalJson(other)).toBe(canonicalJson(one));
  });

  it.each([2, 20, 21, 300])('of %s members too, in the order of their names as text', (count) => {
    const names = Array.from({ length: count }, (_, index) => `n${(index * 7919) % count}`);
    const value = Object.fromEntries(names.map((name) => [name, 0]));

    expect(Object.keys(JSON.parse(canonicalJson(value)) as object)).toEqual([...names].sort());
    expect(canonicalJson(value)).toBe(canonicalJson(Object.fromEntries(names.reverse().map((name) => [name, 0]))));
  });

  it('tells lists in another order apart, and values of another type', () => {
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
    expect(canonicalJson(['1'])).not.toBe(canonicalJson([1]));
    expect(canonicalJson({ a: '"},{"' })).not.toBe(canonicalJson({ a: '', b: '' }));
  });

  it('is JSON, without what JSON does not have', () => {
    expect(JSON.parse(canonicalJson({ b: undefined, a: 'é\n"\u2028' }))).toEqual({ a: 'é\n"\u2028' });
  });

  it.each(['"', '\\', '\n', '\u0000', '\u001f', '\u007f', 'é', '\u2028', '🧾', '\ud83d', '\udc00x', ''])('writes a text as JSON does, as a value and as a name: %j', (text) => {
    expect(canonicalJson({ [text]: [`a${text}b`] })).toBe(JSON.stringify({ [text]: [`a${text}b`] }));
  });

  it('takes a member called __proto__ for a member', () => {
    const value: unknown = JSON.parse('{"__proto__":{"a":1}}');

    expect(canonicalJson(value)).toBe('{"__proto__":{"a":1}}');
  });
});
