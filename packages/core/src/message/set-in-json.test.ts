import { describe, expect, it } from 'vitest';
import { setInJson } from './set-in-json.ts';
import type { JsonPath } from './set-in-json.ts';

describe('setInJson', () => {
  it.each<[string, string, JsonPath, string]>([
    ['a member', '{"a":1.10,"b":2}', ['b'], '{"a":1.10,"b":"X"}'],
    ['a member between blanks', ' {\n "a" : 1.10 ,\t"b" :\r\n true }\n', ['b'], ' {\n "a" : 1.10 ,\t"b" :\r\n "X" }\n'],
    ['a list, an object, a string', '{"a":[{"b":"]"}],"c":{"d":"}"},"e":"x"}', ['c'], '{"a":[{"b":"]"}],"c":"X","e":"x"}'],
    ['a member of a name with escapes', '{"\\u0061":"\\"b\\\\","b":0}', ['a'], '{"\\u0061":"X","b":0}'],
    ['the last of one name', '{"a":1,"a":2}', ['a'], '{"a":1,"a":"X"}'],
    ['a name as it stands in text and deeper', '{"b":"\\"a\\":1","c":{"a":2},"a":3}', ['a'], '{"b":"\\"a\\":1","c":{"a":2},"a":"X"}'],
    ['a number that ends the text\'s object', '{"a":-1.0e5}', ['a'], '{"a":"X"}'],
    ['an item', '{"a":[1.10,[2],{"c":3}]}', ['a', 1], '{"a":[1.10,"X",{"c":3}]}'],
    ['a member of an item', '{"a":[{"c":1.0},{"c":2.0}]}', ['a', 1, 'c'], '{"a":[{"c":1.0},{"c":"X"}]}'],
    ['a new member, first', '{ "a":1.10}', ['b'], '{"b":"X", "a":1.10}'],
    ['a first member', '{ }', ['b'], '{"b":"X" }'],
    ['a new item, last', '{"a":[1.10 ]}', ['a', 1], '{"a":[1.10 ,"X"]}'],
    ['a first item', '{"a":[]}', ['a', 0], '{"a":["X"]}'],
  ])('sets %s, and leaves every other character', (_, text, path, expected) => {
    expect(setInJson(text, path, 'X')).toBe(expected);
  });

  it.each(['', '{', '{"a', '{"a":', '{"a":[1', 'null', '"'])('comes to an end with what is no JSON: %j', (text) => {
    let result: unknown;
    try {
      result = setInJson(text, ['b'], 1);
    } catch (error) {
      result = error;
    }
    expect(result).toBeDefined();
  });

  it('reads as what an edit of the parsed value gives, however deep and long', () => {
    const text = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"long":"${'x\\"'.repeat(6_000_000)}","b":1}`;

    expect(setInJson(text, ['b'], 2)).toBe(`${text.slice(0, -2)}2}`);
  });
});
