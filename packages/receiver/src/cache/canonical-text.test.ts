import { describe, expect, it } from 'vitest';
import { canonicalText } from './canonical-text.ts';

describe('canonicalText', () => {
  it('is the same whatever the order of the members, at any depth', () => {
    const one = { b: [{ d: 1, c: null }], a: { f: 'x', e: true } };
    const other = { a: { e: true, f: 'x' }, b: [{ c: null, d: 1 }] };

    expect(canonicalText(other)).toBe(canonicalText(one));
    expect(canonicalText(one)).toBe(canonicalText(structuredClone(one)));
  });

  it('of many objects of one kind too, each in an order of its own', () => {
    const one = [{ a: 1, b: 2 }, { a: 3, b: 4 }, { c: { a: 5, b: 6 } }];
    const other = [{ b: 2, a: 1 }, { a: 3, b: 4 }, { c: { b: 6, a: 5 } }];

    expect(canonicalText(other)).toBe(canonicalText(one));
  });

  it.each([2, 20, 21, 300])('of %s members too', (count) => {
    const names = Array.from({ length: count }, (_, index) => `n${(index * 7919) % count}`);
    const members = names.map((name, index) => [name, index] as const);

    expect(canonicalText(Object.fromEntries(members))).toBe(canonicalText(Object.fromEntries([...members].sort())));
    expect(canonicalText(Object.fromEntries(members))).not.toBe(canonicalText(Object.fromEntries(members.slice(1))));
  });

  it.each([
    ['lists in another order', [1, 2], [2, 1]],
    ['values of another type', ['1'], [1]],
    ['null and its name', [null], ['null']],
    ['a list and its items', [['a'], 'b'], ['a', ['b']]],
    ['a list in a list, and beside it', [[], []], [[[]]]],
    ['an empty list and an empty object', [[]], [{}]],
    ['nothing and null', {}, { a: null }],
    ['a member here and there', { a: { b: 1 }, c: 2 }, { a: { b: 1, c: 2 } }],
    ['a value that looks like what comes after it', { a: '","b' }, { a: '', b: '' }],
    ['a name that looks like two', { 'a","b': 1 }, { a: 1, b: 1 }],
    ['objects of one kind and of two', [{ a: 1 }, { a: 1 }], [{ a: 1 }, { b: 1 }]],
    ['a list of one and an object of the first kind', [{ a: 1 }, ['x']], [{ a: 1 }, { a: 'x' }]],
    ['a member that is a list, and one that is an object', { a: [] }, { a: {} }],
    ['a member that is plain, and one that is a list of it', { a: 1 }, { a: [1] }],
    ['members that are plain and lists, the other way round', { a: 1, b: [1] }, { a: [1], b: 1 }],
    ['a name that looks like one with its length', { '1.a': 1 }, { a: 1 }],
    ['a list and an object that has its places', ['a'], { 0: 'a' }],
    ['a text that looks like the names of an object', ['["a"]', 1], [{ a: 1 }]],
    ['halves of a character', ['\ud83d'], ['\ud83e']],
  ])('tells %s apart', (_, one, other) => {
    expect(canonicalText(one)).not.toBe(canonicalText(other));
  });

  it('takes a member called __proto__ for a member', () => {
    expect(canonicalText(JSON.parse('{"__proto__":{"a":1}}'))).not.toBe(canonicalText(JSON.parse('{"__proto__":{"a":2}}')));
  });

  it('is the same for whom many names came before, long ones among them', () => {
    const value = { b: 1, a: { ['n'.repeat(100)]: 1, c: 2 } };
    const before = canonicalText(value);
    const many = Array.from({ length: 10_100 }, (_, index) => ({ [`y${index}`]: 0, b: { c: 0, a: 0 } }));

    expect(canonicalText([...many, value])).toBe(canonicalText([...many, value]));
    expect(canonicalText(value)).toBe(before);
    expect(canonicalText({ a: { c: 2, ['n'.repeat(100)]: 1 }, b: 1 })).toBe(before);
  });

  it('of one object of very many members too', () => {
    const members = Array.from({ length: 50_000 }, (_, index) => [`n${(index * 7919) % 50_000}`, index] as const);

    expect(canonicalText(Object.fromEntries(members))).toBe(canonicalText(Object.fromEntries([...members].reverse())));
  });
});
