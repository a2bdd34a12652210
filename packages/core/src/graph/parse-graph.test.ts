import { describe, expect, it } from 'vitest';
import { MessagingError } from '../errors.ts';
import { parseGraph } from './parse-graph.ts';
import { parseJson } from './parse-json.ts';

function errorOf(act: () => unknown): MessagingError {
  try {
    act();
  } catch (error) {
    if (error instanceof MessagingError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const text = '{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Task","id":"t","partOf":[{"reference":"Task/t"}]}}]}';

describe('parseGraph', () => {
  it('gives the graph of a Bundle in a text', () => {
    const graph = parseGraph(text);

    expect(graph.get('urn:uuid:1')?.resourceType).toBe('Task');
    expect(JSON.stringify(graph.bundle)).toBe(text);
  });

  it('reads references as it is told', () => {
    expect(parseGraph(text).unresolved()).toHaveLength(1);
    expect(parseGraph(text, { mode: 'lenient' }).unresolved()).toEqual([]);
  });

  it.each(['{}', '{"resourceType":"Patient","entry":5}'])('reads %s, which is no Bundle, as one without entries', (json) => {
    expect(parseGraph(json).size).toBe(0);
  });

  it.each(['null', '5', '"text"', '[]', '[{"resourceType":"Bundle"}]', 'true'])('refuses %s, which is no object (json.invalid)', (json) => {
    const error = errorOf(() => parseGraph(json));

    expect([error.code, error.line, error.message]).toEqual(['json.invalid', undefined, 'The text is JSON, but no object, as a Bundle is.']);
  });

  it.each([
    ['{ garbage', {}],
    ['garbage', undefined],
    ['[1, 2', [1, 2]],
    ['"half', 'half'],
    ['{"resourceType":5,}', { resourceType: 5 }],
  ])('refuses %j, of which a parser that never throws makes no resource: %j, where strict reading stopped (json.invalid)', (broken, value) => {
    const error = errorOf(() => parseGraph(broken, { parse: () => value }));

    expect([error.code, error.line, error.message]).toEqual(['json.invalid', 1, errorOf(() => parseGraph(broken)).message]);
  });

  it('says line, column and what was expected where the text is not JSON (json.invalid)', () => {
    const error = errorOf(() => parseGraph('{\n  "resourceType": "Bundle",\n  "entry": [ oops ]\n}'));

    expect([error.code, error.line, error.column]).toEqual(['json.invalid', 3, 14]);
    expect(error.message).toBe('The text is not JSON: expected a value or "]" at line 3, column 14.');
    expect(error.issues).toEqual([{ severity: 'fatal', code: 'structure', rule: 'json.invalid', diagnostics: error.message }]);
  });

  it.each(['SENTINEL', '{"a":"SENTINEL', '{"a":SENTINEL}', '{"SENTINEL" 1}', '{"a":1} SENTINEL', '["SENTINEL\n"]', '{"name":"SENTINEL",}'])('never quotes the text: %j', (broken) => {
    const error = errorOf(() => parseGraph(broken));

    expect([error.message, error.stack?.split('\n')[0], JSON.stringify(error), JSON.stringify(error.issues), String(error.cause)].join(' ')).not.toContain('SENTINEL');
    expect(error.cause).toBeUndefined();
  });

  it('keeps a member named __proto__ a member', () => {
    const graph = parseGraph('{"resourceType":"Bundle","__proto__":{"entry":[{}]},"entry":[{"fullUrl":"urn:uuid:1","__proto__":{"resource":{"resourceType":"Patient"}}}]}');

    expect(graph.size).toBe(1);
    expect(graph.get('urn:uuid:1')).toBeUndefined();
    expect({}).not.toHaveProperty('entry');
  });
});

describe('parseJson', () => {
  const tolerant = (value: unknown) => (): unknown => value;

  it('asks the tolerant parser only where the text is not JSON, and says that it did', () => {
    const value = { resourceType: 'Basic' };

    expect(parseJson('{"a":1}', { parse: tolerant('not asked') })).toEqual({ value: { a: 1 }, tolerant: false });
    expect(parseJson('{"resourceType":"Basic",}', { parse: tolerant(value) })).toEqual({ value, tolerant: true });
  });

  it('reads a text that begins with the mark of its byte order, and counts columns behind it', () => {
    expect(parseJson('\uFEFF{"a":1}')).toEqual({ value: { a: 1 }, tolerant: false });
    expect(errorOf(() => parseJson('\uFEFF{"a":1,}'))).toMatchObject({ code: 'json.invalid', line: 1, column: 8 });
    expect(errorOf(() => parseJson('\uFEFF\uFEFF1'))).toMatchObject({ code: 'json.invalid', line: 1, column: 1 });
  });

  it('says where strict reading stopped when the tolerant parser gives up too (json.invalid)', () => {
    const parse = (): never => {
      throw new SyntaxError('SENTINEL');
    };

    const error = errorOf(() => parseJson('[1,]', { parse }));

    expect([error.code, error.line, error.column]).toEqual(['json.invalid', 1, 4]);
    expect(error.cause).toBeUndefined();
    expect(error.message).not.toContain('SENTINEL');
  });
});
