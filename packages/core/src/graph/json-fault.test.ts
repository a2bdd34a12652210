import { describe, expect, it } from 'vitest';
import { findJsonFault } from './json-fault.ts';

describe('findJsonFault', () => {
  it.each<[text: string, line: number, column: number, expected: string]>([
    ['', 1, 1, 'a value'],
    ['   \n\t ', 2, 3, 'a value'],
    ['nope', 1, 1, 'a value'],
    ['// a comment\n{}', 1, 1, 'a value'],
    ['\uFEFF{}', 1, 1, 'a value'],
    ['{} {}', 1, 4, 'the end of the text'],
    ['{}\n}', 2, 1, 'the end of the text'],
    ['"a" b', 1, 5, 'the end of the text'],
    ['1 2', 1, 3, 'the end of the text'],
    ['[', 1, 2, 'a value or "]"'],
    ['[}', 1, 2, 'a value or "]"'],
    ['[,1]', 1, 2, 'a value or "]"'],
    ['[1,]', 1, 4, 'a value'],
    ['[1,,2]', 1, 4, 'a value'],
    ['[1', 1, 3, '"," or "]"'],
    ['[1 2]', 1, 4, '"," or "]"'],
    ['[1}', 1, 3, '"," or "]"'],
    ['[[1],{}', 1, 8, '"," or "]"'],
    ['{', 1, 2, 'a property name in double quotes or "}"'],
    ['{]', 1, 2, 'a property name in double quotes or "}"'],
    ["{'a':1}", 1, 2, 'a property name in double quotes or "}"'],
    ['{a:1}', 1, 2, 'a property name in double quotes or "}"'],
    ['{"a":1,}', 1, 8, 'a property name in double quotes'],
    ['{"a":1,,"b":2}', 1, 8, 'a property name in double quotes'],
    ['{"a"}', 1, 5, '":"'],
    ['{"a" 1}', 1, 6, '":"'],
    ['{"a":}', 1, 6, 'a value'],
    ['{"a":1 "b":2}', 1, 8, '"," or "}"'],
    ['{"a":1]', 1, 7, '"," or "}"'],
    ['{"a":[1,{"b":tru}]}', 1, 14, 'a value'],
    ['{\n  "a": 1,\n  "b": oops\n}', 3, 8, 'a value'],
    ['{\r\n  "a": 1,\r\n}', 3, 1, 'a property name in double quotes'],
    ['"open', 1, 6, 'the rest of a string, or the double quote that ends it'],
    ['"a\nb"', 1, 3, 'the rest of a string, or the double quote that ends it'],
    ['"bad \\x"', 1, 6, 'the rest of a string, or the double quote that ends it'],
    ['"bad \\u12G4"', 1, 6, 'the rest of a string, or the double quote that ends it'],
    ['"tab\tinside"', 1, 5, 'the rest of a string, or the double quote that ends it'],
    ['"ends with \\"', 1, 14, 'the rest of a string, or the double quote that ends it'],
    ['{"open', 1, 7, 'the rest of a string, or the double quote that ends it'],
    ['{"a":"x\ny"}', 1, 8, 'the rest of a string, or the double quote that ends it'],
    ['01', 1, 2, 'the end of the text'],
    ['1.', 1, 2, 'the end of the text'],
    ['-', 1, 1, 'a value'],
    ['+1', 1, 1, 'a value'],
    ['.5', 1, 1, 'a value'],
    ['1e', 1, 2, 'the end of the text'],
    ['NaN', 1, 1, 'a value'],
    ['undefined', 1, 1, 'a value'],
    ['nulll', 1, 5, 'the end of the text'],
    ['[1,\u00A02]', 1, 4, 'a value'],
  ])('finds in %j line %i, column %i, where %s was expected', (text, line, column, expected) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    expect(findJsonFault(text)).toEqual({ line, column, expected });
  });

  it.each(['{}', '[]', ' [ 1 , -2.5e+3 , "a\\u00e9\\n\\"" , true , false , null , { "a" : [ ] } ] ', '"\u2028"', '0', '-0.0', '1E5', '""', '{"":{"__proto__":[]}}', '"\u{1F600}"'])('finds none in %j', (text) => {
    expect(() => JSON.parse(text) as unknown).not.toThrow();
    expect(findJsonFault(text)).toBeUndefined();
  });

  it.each<[string, string, number]>([
    ['a long string', `["${'x'.repeat(10_000_000)}", nope]`, 10_000_006],
    ['a string of escapes', `["${'\\n'.repeat(2_000_000)}", nope]`, 4_000_006],
    ['a string of characters and escapes', `["${'x\\u0041'.repeat(1_000_000)}", nope]`, 7_000_006],
    ['deep nesting', `${'[{"a":'.repeat(100_000)}nope`, 600_001],
    ['many elements', `[${'1,'.repeat(500_000)}]`, 1_000_002],
    ['a long name', `{"${'x'.repeat(10_000_000)}" nope`, 10_000_005],
    ['a string that never ends', `"${'x\\t'.repeat(2_000_000)}`, 6_000_002],
    ['blanks', `${' '.repeat(5_000_000)}nope`, 5_000_001],
    ['a long number', `${'1'.repeat(5_000_000)}x`, 5_000_001],
  ])('reads past %s', { timeout: 20_000 }, (_what, text, column) => {
    expect(findJsonFault(text)?.column).toBe(column);
  });
});
