import { describe, expect, it } from 'vitest';
import { graphOf } from '../graph/graph-of.ts';
import { bareId, bars, readIdentity, isSameId, r4, r5 } from './identity.ts';

const bundle = {
  resourceType: 'Bundle' as const,
  id: 'envelope-1',
  identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:0b7f4ad0-0000-4000-8000-00000000000b' },
  entry: [{ fullUrl: 'urn:uuid:0b7f4ad0-0000-4000-8000-000000000001', resource: { resourceType: 'MessageHeader', id: 'message-1' } }],
};
const headerWithout = { fullUrl: bundle.entry[0]?.fullUrl, resource: { resourceType: 'MessageHeader' } };

describe('readIdentity', () => {
  it.each([
    ['r4', r4, 'message-1', 'envelope-1'],
    ['r5', r5, 'urn:uuid:0b7f4ad0-0000-4000-8000-00000000000b', undefined],
    ['bars', bars, 'envelope-1', 'envelope-1'],
  ])('names a message and its envelope by %s (messaging.html#reliable)', (_name, strategy, message, envelope) => {
    expect(readIdentity(graphOf(bundle), strategy)).toMatchObject({ message, envelope });
  });

  it.each([
    ['r4', r4, ['MessageHeader.id', 'Bundle.identifier', 'Bundle.id', 'MessageHeader.fullUrl']],
    ['r5', r5, ['Bundle.identifier', 'MessageHeader.id', 'Bundle.id', 'MessageHeader.fullUrl']],
    ['bars', bars, ['Bundle.id', 'MessageHeader.id', 'Bundle.identifier', 'MessageHeader.fullUrl']],
  ])('lists every id that a reply might quote, the rule first (%s)', (_name, strategy, sources) => {
    const { ids } = readIdentity(graphOf(bundle), strategy);

    expect(ids.map(({ source }) => source)).toEqual(sources);
    expect(ids).toContainEqual({ source: 'Bundle.identifier', ...bundle.identifier });
    expect(Object.isFrozen(ids)).toBe(true);
  });

  it('falls back to what there is, in the order of the strategy', () => {
    const named = (changes: object): string | undefined => readIdentity(graphOf({ ...bundle, ...changes }), r4).message;

    expect(named({ entry: [headerWithout] })).toBe(bundle.identifier.value);
    expect(named({ entry: [headerWithout], identifier: undefined })).toBe('envelope-1');
    expect(named({ entry: [headerWithout], identifier: { system: 'x' }, id: '' })).toBe(headerWithout.fullUrl);
    expect(named({ entry: [], identifier: undefined, id: undefined })).toBeUndefined();
  });

  it("never takes a fullUrl on a server for an id: Netsmart's is the referral's number", () => {
    const restful = { fullUrl: 'https://a.example/MessageHeader/1', resource: { resourceType: 'MessageHeader' } };

    expect(readIdentity(graphOf({ resourceType: 'Bundle', entry: [restful] }), r4)).toEqual({ message: undefined, envelope: undefined, ids: [] });
  });

  it('takes nothing but texts for ids', () => {
    const odd = { resourceType: 'Bundle', id: 5, identifier: ['x'], entry: [{ fullUrl: {}, resource: { resourceType: 'MessageHeader', id: null } }] };

    expect(readIdentity(graphOf(Object(odd)), r4).ids).toEqual([]);
  });
});

describe('bareId', () => {
  it('takes off the URN and leaves the case', () => {
    expect(['urn:uuid:AB-1', 'URN:OID:1.2', 'urn:other:1', 'plain'].map(bareId)).toEqual(['AB-1', '1.2', 'urn:other:1', 'plain']);
  });
});

describe('isSameId', () => {
  const uuid = '0B7F4AD0-0000-4000-8000-00000000000B';
  const id = (value: string, system?: string): { value: string; system: string | undefined } => ({ value, system });

  it.each([
    ['the same text', id('a-1'), id('a-1'), true],
    ['another case: ids have one (datatypes.html#id)', id('a-1'), id('A-1'), false],
    ['a UUID in another case', id(uuid), id(uuid.toLowerCase()), true],
    ['a UUID with its URN', id(uuid), id(`urn:uuid:${uuid.toLowerCase()}`), true],
    ['a UUID in another system', id(uuid, 'urn:x'), id(uuid, 'urn:y'), true],
    ['an OID with its URN', id('1.2.3'), id('urn:oid:1.2.3'), true],
    ['the same value in another system', id('1', 'urn:x'), id('1', 'urn:y'), false],
    ['the same value, one without a system', id('1', 'urn:x'), id('1'), true],
    ['another value', id('1'), id('2'), false],
    ['nothing', id('1'), id(''), false],
  ])('compares %s', (_says, a, b, same) => {
    expect(isSameId(a, b)).toBe(same);
    expect(isSameId(b, a)).toBe(same);
  });
});

describe('strategies', () => {
  it('say what a resend keeps, by category (messaging.html#reliable)', () => {
    expect([r4, r5, bars].map(({ resend }) => resend)).toEqual([
      { consequence: 'same', currency: 'new-envelope', notification: 'new-envelope' },
      { consequence: 'same', currency: 'new-message', notification: 'same' },
      { consequence: 'same', currency: 'same', notification: 'same' },
    ]);
  });

  it('are frozen, as every message is written and read by them', () => {
    expect([r4, r5, bars].flatMap((strategy) => [strategy, strategy.message, strategy.replyQuotes, strategy.resend]).every(Object.isFrozen)).toBe(true);
  });

  it('say which status means that a message was processed before, and whether async may be used', () => {
    expect([r4, r5, bars].map(({ duplicateStatus, async }) => [duplicateStatus, async])).toEqual([[undefined, true], [undefined, true], [409, false]]);
  });

  it('know of no cache by themselves', () => {
    expect([r4, r5, bars].map(({ reliableCacheMinutes }) => reliableCacheMinutes)).toEqual([undefined, undefined, undefined]);
  });
});
