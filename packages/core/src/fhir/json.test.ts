import { describe, expect, it } from 'vitest';
import { isObject, isText, itemsOf, member, objectsIn, textIn } from './json.ts';

describe('isObject', () => {
  it('is true of objects alone', () => {
    expect([{}, { a: 1 }].every(isObject)).toBe(true);
    expect([null, undefined, [], 'x', 5, true].some(isObject)).toBe(false);
  });
});

describe('isText', () => {
  it('is true of strings that are not empty', () => {
    expect(isText('x')).toBe(true);
    expect(['', null, undefined, 5, {}].some(isText)).toBe(false);
  });
});

describe('itemsOf and objectsIn', () => {
  it('give what an array holds, and of anything else nothing', () => {
    const items = [1, {}, null, [], { a: 1 }];

    expect(itemsOf(items)).toBe(items);
    expect(objectsIn(items)).toEqual([{}, { a: 1 }]);
    expect([{}, 'text', null, 5].flatMap(itemsOf)).toEqual([]);
    expect(objectsIn('text')).toEqual([]);
  });
});

describe('member and textIn', () => {
  it('read what an object holds of its own, never what its prototype does', () => {
    const value: unknown = JSON.parse('{"a":"x","b":"","c":5,"__proto__":"own"}');

    expect(member(value, 'c')).toBe(5);
    expect(member(value, '__proto__')).toBe('own');
    expect(member(value, 'toString')).toBeUndefined();
    expect(member({}, '__proto__')).toBeUndefined();
    expect(textIn(value, 'a')).toBe('x');
    expect(textIn(value, 'b')).toBeUndefined();
    expect(textIn(value, 'c')).toBeUndefined();
    expect([null, undefined, [], 'text', 5].map((other) => member(other, 'length'))).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});
