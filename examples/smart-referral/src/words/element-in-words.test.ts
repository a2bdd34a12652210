import { describe, expect, it } from 'vitest';
import { elementInWords, valueInWords } from './element-in-words.ts';

describe('elementInWords', () => {
  it.each([
    ['ServiceRequest', '/priority', 'How urgent'],
    ['ServiceRequest', '/note/0/text', 'Note'],
    ['QuestionnaireResponse', '/item/2/answer/0/valueBoolean', 'The patient agreed'],
    ['ServiceRequest', '/code/text', 'code.text'],
  ])('%s%s is “%s”', (type, pointer, words) => {
    expect(elementInWords(type, pointer)).toBe(words);
  });
});

describe('valueInWords', () => {
  const order = { priority: 'stat', note: [{ text: 'Call first.' }], 'a/b': { 'c~d': true }, quantity: 2 };

  it.each([
    ['/priority', 'At once'],
    ['/note', 'Call first.'],
    ['/a~1b/c~0d', 'yes'],
    ['/quantity', '2'],
    ['/absent/0/text', undefined],
  ])('%s is %j', (pointer, words) => {
    expect(valueInWords(order, pointer)).toBe(words);
  });
});
