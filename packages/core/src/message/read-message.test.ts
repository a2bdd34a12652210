import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { MessagingError } from '../errors.ts';
import { defineEvent } from '../event/define-event.ts';
import { createMessage } from './create-message.ts';
import { readMessage, safeReadMessage } from './read-message.ts';

const event = defineEvent({ coding: { system: 'https://example.org/events', code: 'refer' }, category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1' } });
const other = defineEvent({ uri: 'https://example.org/other', category: 'notification', focus: [], payload: {} });

const bundle = {
  resourceType: 'Bundle',
  id: 'b-1',
  type: 'message',
  entry: [
    { fullUrl: 'https://a.example/MessageHeader/1', resource: { resourceType: 'MessageHeader', eventCoding: { system: 'https://example.org/events', code: 'refer' }, focus: [{ reference: 'ServiceRequest/5' }] } },
    { fullUrl: 'https://a.example/ServiceRequest/5', resource: { resourceType: 'ServiceRequest', id: '5', quantityQuantity: { value: 1.0 }, status: 'active', intent: 'order', subject: { display: 'x' } } },
  ],
};
const text = JSON.stringify(bundle, undefined, 2).replace('"value": 1', '"value": 1.00');
const bytes = new TextEncoder().encode(text);
function sharedBytes(): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
const rules = ({ issues }: { issues: readonly { severity: string; rule?: string | undefined }[] }): string[] => issues.map(({ severity, rule }) => `${severity} ${rule ?? ''}`);

describe('readMessage', () => {
  it.each([
    ['text', text],
    ['bytes', bytes],
    ['a value', bundle],
  ])('reads a message from %s, what is missing being warnings', (_says, input) => {
    const message = readMessage(input);

    expect(message.bundle).toEqual(bundle);
    expect(message.release).toBe('R4');
    expect(message.event).toBeUndefined();
    expect(rules(message)).toEqual(['information bundle.timestamp', 'warning fullUrl.id', 'warning header.source', 'warning identity.message']);
  });

  it.each([
    ['a Uint8Array of another realm', runInNewContext('Uint8Array.from(bytes)', { bytes: [...bytes] })],
    ['an ArrayBuffer of another realm', runInNewContext('Uint8Array.from(bytes).buffer', { bytes: [...bytes] })],
    ['an ArrayBuffer', bytes.buffer],
    ['a view of other elements, amid a buffer', new DataView(new Uint8Array([1, ...bytes, 2]).buffer, 1, bytes.length)],
    ['bytes that threads share', sharedBytes()],
  ])('reads %s as bytes, and keeps a plain copy', (_says, input) => {
    const message = readMessage(Object(input));

    expect(message.bundle).toEqual(bundle);
    expect(message.bytes).toEqual(bytes);
    expect(message.bytes.buffer).toBeInstanceOf(ArrayBuffer);
    expect(() => readMessage(Object(input), { limits: { maxBytes: bytes.length - 1 } })).toThrow(expect.objectContaining({ code: 'input.limit' }));
  });

  it('reads a message anew, with its bytes, and a graph, in its own mode and against its own contract', () => {
    const message = readMessage(text);
    const again = readMessage(message, { event });

    expect([again.event, again.bundle, again.bytes]).toEqual([event, bundle, bytes]);
    expect(readMessage(message.graph, { event }).bundle).toEqual(bundle);
    expect(readMessage(message.graph).graph).toBe(message.graph);
    expect(() => readMessage(message, { event: other })).toThrow(expect.objectContaining({ code: 'message.invalid' }));
    expect(() => readMessage(message.graph, { mode: 'strict' })).toThrow(expect.objectContaining({ code: 'message.invalid' }));
    expect(readMessage(message, { limits: { maxEntries: 1 } }).bundle).toEqual(bundle);
  });

  it('gives messages whose copy has the bundle and the bytes too, by getters that no message has for itself (the engine would keep each with its graph)', () => {
    const [one, another] = [readMessage(bytes), readMessage(text)];
    const getters = (message: object): unknown[] => Object.values(Object.getOwnPropertyDescriptors(message)).flatMap((descriptor): unknown => Reflect.get(descriptor, 'get') ?? []);

    expect({ ...one }).toEqual(one);
    expect({ ...another }).toMatchObject({ bundle, bytes });
    expect(getters(one)).toHaveLength(2);
    expect(getters(one)).toEqual(getters(another));
  });

  it('of a value keeps what it was parsed from, where that is given', () => {
    expect(readMessage(JSON.parse(text) as object, { bytes }).bytes).toBe(bytes);
    expect(new TextDecoder().decode(readMessage(bundle).bytes)).toBe(JSON.stringify(bundle));
  });

  it('keeps text as it came: decimals do not survive being parsed (json.html#decimal)', () => {
    expect(new TextDecoder().decode(readMessage(text).bytes)).toBe(text);
    expect(new TextDecoder().decode(readMessage(text).bytes)).toContain('1.00');
  });

  it('keeps bytes as they came, in a copy of its own', () => {
    const mine = bytes.slice();
    const message = readMessage(mine);

    mine.fill(0);

    expect(message.bytes).toEqual(bytes);
  });

  it('writes the bytes of a value when they are asked for, and borrows it until then', () => {
    const mine = structuredClone(bundle);
    const message = readMessage(mine);

    expect(JSON.parse(new TextDecoder().decode(message.bytes))).toEqual(bundle);
    expect(message.bytes).toBe(message.bytes);
    expect([mine, mine.entry, mine.entry[1]?.resource].some(Object.isFrozen)).toBe(false);
  });

  it('reads bytes with a mark of their order, and of a view into a larger buffer', () => {
    const marked = new Uint8Array([0xef, 0xbb, 0xbf, ...bytes, 1, 2, 3]).subarray(0, bytes.length + 3);

    expect(readMessage(marked).bundle).toEqual(bundle);
    expect(readMessage(marked).bytes).toEqual(marked);
  });

  it('holds the message to the contract that it is given (event.mismatch)', () => {
    expect(readMessage(text, { event }).event).toBe(event);
    expect(() => readMessage(text, { event: other })).toThrow(expect.objectContaining({ code: 'message.invalid' }));
  });

  it('takes the contract of its event among several', () => {
    expect(readMessage(text, { events: [other, event] }).event).toBe(event);
    expect(readMessage(text, { events: [other] }).event).toBeUndefined();
    expect(readMessage(text, { events: [] }).event).toBeUndefined();
  });

  it('holds the message to the release and the mode that it is told', () => {
    expect(readMessage(text, { release: 'R5' }).release).toBe('R5');
    expect(() => readMessage(text, { mode: 'strict' })).toThrow(expect.objectContaining({ code: 'message.invalid', issues: expect.arrayContaining([expect.objectContaining({ rule: 'header.source', severity: 'error' })]) }));
  });

  it('reads what was created, and finds the same bundle', () => {
    const message = createMessage(event, { ServiceRequest: { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { display: 'x' } } }, { source: 'https://a.example' });

    expect(readMessage(message.bytes, { event, mode: 'strict' }).bundle).toEqual(message.bundle);
    expect(readMessage(message.bytes).identity).toEqual(message.identity);
  });

  describe('refuses', () => {
    const refusal = (input: unknown, options: object = {}): MessagingError => {
      try {
        readMessage(Object(input), options);
      } catch (error) {
        if (error instanceof MessagingError) return error;
      }
      throw new Error('nothing was refused');
    };

    it('text that is not JSON, with where (json.invalid)', () => {
      expect(() => readMessage('{\n  "resourceType": "Bundle",\n}')).toThrow(expect.objectContaining({ code: 'json.invalid', line: 3, column: 1 }));
    });

    it('bytes that are not UTF-8 (json.invalid)', () => {
      expect(refusal(new Uint8Array([0x7b, 0xff, 0x7d]))).toMatchObject({ code: 'json.invalid', message: 'The bytes are not UTF-8, which JSON has to be.' });
    });

    it.each([
      ['text', text, text.length],
      ['bytes', bytes, bytes.length],
    ])('%s beyond the limit (input.limit)', (_says, input, size) => {
      expect(() => readMessage(input, { limits: { maxBytes: size - 1 } })).toThrow(expect.objectContaining({ code: 'input.limit' }));
      expect(readMessage(input, { limits: { maxBytes: size } }).bundle.id).toBe('b-1');
    });

    it('more entries than the limit (input.limit)', () => {
      expect(refusal(bundle, { limits: { maxEntries: 1 } })).toMatchObject({ code: 'input.limit', message: 'The input has 2 entries; at most 1 are read.' });
      expect(readMessage(text, { limits: { maxEntries: 2 } }).graph.size).toBe(2);
    });

    it('more entries than the limit, before anything is made of one (input.limit)', () => {
      let reads = 0;
      const entry = Array.from({ length: 3 }, () => Object.defineProperty({}, 'fullUrl', { enumerable: true, get: () => void (reads += 1) }));

      expect(refusal({ ...bundle, entry }, { limits: { maxEntries: 2 } })).toMatchObject({ code: 'input.limit' });
      expect(reads).toBe(0);
    });

    it('what is nested too deep, wherever it is (input.limit)', () => {
      const deep: unknown = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`);

      const tooDeep = { code: 'input.limit', issues: expect.arrayContaining([expect.objectContaining({ rule: 'input.limit', severity: 'fatal' })]) };

      expect(refusal({ ...bundle, meta: deep })).toMatchObject(tooDeep);
      expect(refusal({ ...bundle, type: 'batch', meta: deep })).toMatchObject(tooDeep);
      expect(refusal({ ...bundle, entry: [...bundle.entry, { resource: { resourceType: 'Basic', extension: deep } }] }, { event })).toMatchObject(tooDeep);
    });

    it('what is no message, with the issues, worst first in its sentence (message.invalid)', () => {
      expect(refusal({ resourceType: 'Patient' })).toMatchObject({ code: 'message.invalid', issues: [{ rule: 'bundle.resource' }] });
      expect(refusal({ resourceType: 'Bundle', type: 'searchset' }).message).toMatch(/^This message breaks a rule: .*\(bundle\.type, Bundle\.type\) And \d more\.$/);
    });
  });

  describe('with a tolerant parser', () => {
    const commented = text.replace('"id"', '// a comment\n  "id"');
    const parse = (given: string): unknown => JSON.parse(given.replace(/^\s*\/\/.*$/m, ''));

    it('reads what it can read, with a warning (json.tolerant)', () => {
      const message = readMessage(commented, { parse });

      expect(message.bundle).toEqual(bundle);
      expect(message.issues[0]).toMatchObject({ rule: 'json.tolerant', severity: 'warning' });
      expect(new TextDecoder().decode(message.bytes)).toBe(commented);
    });

    it('asks it only where the text is not JSON', () => {
      const never = (): never => {
        throw new Error('was asked');
      };

      expect(rules(readMessage(text, { parse: never }))).not.toContain('warning json.tolerant');
      expect(readMessage(bundle, { parse: never }).bundle.id).toBe('b-1');
    });

    it('says where the text stopped being JSON when it cannot read it either (json.invalid)', () => {
      expect(() => readMessage('{ "a": ', { parse })).toThrow(expect.objectContaining({ code: 'json.invalid', line: 1 }));
    });

    it('does not take nothing for a message (bundle.resource)', () => {
      expect(safeReadMessage('//', { parse: () => undefined }).issues).toContainEqual(expect.objectContaining({ rule: 'bundle.resource' }));
    });
  });
});

describe('safeReadMessage', () => {
  it('gives the message with its issues', () => {
    const { message, issues } = safeReadMessage(text, { event });

    expect(message?.bundle).toEqual(bundle);
    expect(message?.event).toBe(event);
    expect(issues).toBe(message?.issues);
  });

  it.each([
    ['json.invalid', '{', {}],
    ['input.limit', bundle, { limits: { maxEntries: 1 } }],
    ['input.limit', `{"resourceType":"Bundle","type":"message","meta":${'['.repeat(300)}${']'.repeat(300)}}`, {}],
    ['bundle.type', { ...bundle, type: 'batch' }, {}],
  ])('gives the issues where there is no message (%s)', (rule, input, options) => {
    const { message, issues } = safeReadMessage(input, options);

    expect(message).toBeUndefined();
    expect(issues).toContainEqual(expect.objectContaining({ rule }));
  });

  it("lets a programmer's mistake through", () => {
    const broken = defineEvent({ uri: 'https://example.org/x', category: 'notification', focus: [], payload: {}, rules: [() => { throw new TypeError('my mistake'); }] });

    expect(() => safeReadMessage(text, { event: broken })).toThrow('my mistake');
  });
});
