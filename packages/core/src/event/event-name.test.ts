import { describe, expect, it } from 'vitest';
import { describeEvent, eventMembers, eventNameOf, isSameEvent, keyOfEvent } from './event-name.ts';

const coding = { system: 'https://example.org/events', code: 'refer' };

describe('eventNameOf', () => {
  it.each([
    ['eventCoding', { eventCoding: { ...coding, display: 'Refer' } }, { coding }],
    ['eventCoding without a system', { eventCoding: { code: 'refer' } }, { coding: { system: undefined, code: 'refer' } }],
    ["R4's eventUri", { eventUri: 'https://example.org/refer' }, { uri: 'https://example.org/refer' }],
    ["R5's eventCanonical", { eventCanonical: 'https://example.org/refer|1' }, { uri: 'https://example.org/refer|1' }],
  ])('reads %s (MessageHeader.event[x])', (_says, header, name) => {
    expect(eventNameOf(header)).toEqual(name);
  });

  it.each([
    ['nothing', undefined],
    ['a header without an event', {}],
    ['a coding without a code', { eventCoding: { system: 'x' } }],
    ['an empty URI', { eventUri: '' }],
    ['a URI that is none', { eventUri: 5 }],
    ['a coding that is a text', { eventCoding: 'refer' }],
  ])('finds no event in %s (MessageHeader.event[x])', (_says, header) => {
    expect(eventNameOf(header)).toBeUndefined();
  });
});

describe('isSameEvent', () => {
  it.each([
    ['the same system and code', { coding }, { coding: { ...coding } }, true],
    ['another code', { coding }, { coding: { ...coding, code: 'update' } }, false],
    ['another system', { coding }, { coding: { ...coding, system: 'https://other.example' } }, false],
    ['a code without its system', { coding }, { coding: { code: 'refer' } }, false],
    ['the same URI', { uri: 'https://example.org/refer' }, { uri: 'https://example.org/refer' }, true],
    ['a URI with a version', { uri: 'https://example.org/refer' }, { uri: 'https://example.org/refer|2' }, true],
    ['another URI', { uri: 'https://example.org/refer' }, { uri: 'https://example.org/update' }, false],
    ['a coding and a URI', { coding: { system: '', code: 'x' } }, { uri: '|x' }, false],
    ['a coding and a URI of the same letters', { coding }, { uri: `${coding.system}|${coding.code}` }, false],
  ])('compares %s (MessageHeader.event[x])', (_says, a, b, same) => {
    expect(isSameEvent(a, b)).toBe(same);
    expect(isSameEvent(b, a)).toBe(same);
    expect(keyOfEvent(a) === keyOfEvent(b)).toBe(same);
  });
});

describe('eventMembers', () => {
  it('writes an event as its release does (MessageHeader.event[x])', () => {
    expect(eventMembers({ coding }, 'eventUri')).toEqual({ eventCoding: coding });
    expect(eventMembers({ uri: 'https://example.org/refer' }, 'eventCanonical')).toEqual({ eventCanonical: 'https://example.org/refer' });
  });
});

describe('describeEvent', () => {
  it('says an event in a few words', () => {
    expect([{ coding }, { uri: 'https://example.org/refer' }, {}].map(describeEvent)).toEqual(['refer', 'https://example.org/refer', 'no event']);
  });
});
