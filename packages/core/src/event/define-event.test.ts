import { describe, expect, it } from 'vitest';
import { MessagingError } from '../errors.ts';
import { defineEvent } from './define-event.ts';

const table = {
  coding: { system: 'https://example.org/events', code: 'refer', display: 'Refer' },
  category: 'consequence',
  focus: ['ServiceRequest'],
  payload: { ServiceRequest: '1..1', Patient: '1..1', Coverage: '0..*' },
} as const;

/** The event of a table that the types may forbid, as JavaScript can write it. */
const define = (changes: object): unknown => defineEvent(Object({ ...table, ...changes }));

describe('defineEvent', () => {
  it('gives the contract as data, with what was not said filled in', () => {
    expect(defineEvent(table)).toMatchObject({ ...table, uri: undefined, otherResources: false, everyResourceReferenced: false, rules: [], scopes: [], reply: 'always', table });
  });

  it('keeps what was said', () => {
    const rule = (): [] => [];
    const said = { otherResources: true, everyResourceReferenced: true, rules: [rule], scopes: ['user/Messaging.write'], reply: 'on-error' } as const;

    expect(defineEvent({ ...table, ...said })).toMatchObject(said);
  });

  it('freezes the contract, and nothing that was given', () => {
    const given = structuredClone({ ...table, scopes: ['user/Messaging.write'] });
    const rules: [] = [];

    const event = defineEvent(Object({ ...given, rules }));

    expect([event, event.coding, event.focus, event.payload, event.rules, event.scopes].every(Object.isFrozen)).toBe(true);
    expect([given, given.coding, given.focus, given.payload, given.scopes, rules].some(Object.isFrozen)).toBe(false);
  });

  it('does not follow what is done to the table later', () => {
    const given = structuredClone(table);
    const event = defineEvent(Object(given));

    Object.assign(given.payload, { Patient: '0..*' });

    expect(event.payload).toEqual(table.payload);
  });

  it('lists each type of the focus once', () => {
    expect(define({ focus: ['ServiceRequest', 'ServiceRequest'] })).toMatchObject({ focus: ['ServiceRequest'] });
  });

  it('is the same contract for another union of resources', () => {
    const event = defineEvent(table);

    expect(event.for()).toBe(event);
  });

  it.each([
    ['neither a coding nor a uri', { coding: undefined }, 'An event is named by either a coding or a uri.'],
    ['both a coding and a uri', { uri: 'https://example.org/refer' }, 'An event is named by either a coding or a uri.'],
    ['an empty uri', { coding: undefined, uri: '' }, 'An event is named by either a coding or a uri.'],
    ['a coding without a system', { coding: { code: 'refer' } }, "An event's coding has a system and a code."],
    ['a coding with an empty system', { coding: { system: '', code: 'refer' } }, "An event's coding has a system and a code."],
    ['a coding with an empty code', { coding: { system: 'https://example.org', code: '' } }, "An event's coding has a system and a code."],
    ['no category', { category: undefined }, "An event's category is one of consequence, currency, notification."],
    ['another category', { category: 'important' }, "An event's category is one of consequence, currency, notification."],
    ['another reply', { reply: 'sometimes' }, "An event's reply is one of always, on-error, never, on-success."],
    ['a type that cannot be one', { payload: { patient: '1..1' }, focus: [] }, '"patient" is no resource type that a payload may hold.'],
    ['a MessageHeader in the payload', { payload: { MessageHeader: '1..1' }, focus: [] }, '"MessageHeader" is no resource type that a payload may hold.'],
    ['a cardinality that is none', { payload: { ServiceRequest: 'one' } }, '"one", for ServiceRequest, is no cardinality: write min..max, such as 1..1 or 0..*.'],
    ['a cardinality that allows nothing', { payload: { ServiceRequest: '0..0' } }, '"0..0", for ServiceRequest, is no cardinality: write min..max, such as 1..1 or 0..*.'],
    ['a cardinality with its ends exchanged', { payload: { ServiceRequest: '5..2' } }, '"5..2", for ServiceRequest, is no cardinality: write min..max, such as 1..1 or 0..*.'],
    ['a scope that is no text', { scopes: [1] }, "An event's scopes are a list of texts."],
    ['scopes that are no list', { scopes: 'system/Messaging.write' }, "An event's scopes are a list of texts."],
    ['a rule that is no function', { rules: [{}] }, "An event's rules are a list of functions."],
    ['rules that are no list', { rules: () => [] }, "An event's rules are a list of functions."],
    ['a member that no table has', { payloads: {} }, 'An event has no "payloads".'],
    ['a focus that is not in the payload', { focus: ['Encounter'] }, 'The focus lists Encounter, which is not in the payload.'],
    ["a focus that is only in the payload's prototype", { focus: ['toString'] }, 'The focus lists toString, which is not in the payload.'],
  ])('refuses %s (event.invalid)', (_says, changes, message) => {
    expect(() => define(changes)).toThrow(MessagingError);
    expect(() => define(changes)).toThrow(expect.objectContaining({ code: 'event.invalid', message }));
  });
});
