import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import { createMessage } from './create-message.ts';
import { createReply } from './create-reply.ts';
import { bars, r4, r5 } from './identity.ts';
import type { IdentityStrategy, MessageId } from './identity.ts';
import { readMessage } from './read-message.ts';
import { isReply, readReply } from './read-reply.ts';

const event = defineEvent({ uri: 'https://example.org/refer', category: 'consequence', focus: [], payload: { Patient: '0..1' } });
const request = createMessage(event, {}, { source: 'https://a.example' });
const r5Request = createMessage(event, {}, { source: 'https://a.example', release: 'R5' });
const answer = createReply(request, { source: 'https://b.example' });
const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'invalid', details: { text: 'No.' } }] };

/** A reply as other systems write it. */
const reply = (response: unknown, ...entry: object[]): object => ({
  resourceType: 'Bundle',
  type: 'message',
  entry: [{ fullUrl: 'https://b.example/MessageHeader/1', resource: { resourceType: 'MessageHeader', eventUri: 'https://example.org/refer', response } }, ...entry],
});
const quoting = (identifier: unknown): object => reply({ identifier, code: 'ok' });

describe('readReply', () => {
  it.each([
    ['a message', answer],
    ['a Bundle', answer.bundle],
    ['text', JSON.stringify(answer.bundle)],
    ['bytes', answer.bytes],
  ])('reads %s', (_says, input) => {
    expect(readReply(input, { request })).toMatchObject({ code: 'ok', issues: [], matched: 'MessageHeader.id', matchedByRule: true, disagrees: false });
    expect(readReply(input).message.bundle).toEqual(answer.bundle);
  });

  it('takes a message as it is', () => {
    const message = readMessage(answer.bytes);

    expect(readReply(message).message).toBe(message);
  });

  it.each<[string, unknown, string, boolean]>([
    ['MessageHeader.id, as R4 asks', request.identity.message, 'MessageHeader.id', true],
    ['Bundle.id, as BaRS and Netsmart do', request.bundle.id, 'Bundle.id', false],
    ['MessageHeader.id in an Identifier', { value: request.identity.message }, 'MessageHeader.id', true],
    ['it with its URN', `urn:uuid:${request.identity.message ?? ''}`, 'MessageHeader.id', true],
    ['it in another case, being a UUID', request.identity.message?.toUpperCase(), 'MessageHeader.id', true],
  ])('matches a reply that quotes %s', (_says, identifier, matched, matchedByRule) => {
    expect(readReply(quoting(identifier), { request, identity: r4 })).toMatchObject({ matched, matchedByRule });
  });

  it('matches by Bundle.identifier, in R5 by rule (R5 MessageHeader.response.identifier)', () => {
    expect(readReply(quoting(r5Request.bundle.identifier), { request: r5Request })).toMatchObject({ matched: 'Bundle.identifier', matchedByRule: true });
    expect(readReply(quoting(r5Request.bundle.id), { request: r5Request, identity: r5 })).toMatchObject({ matched: 'Bundle.identifier', matchedByRule: true });
    expect(readReply(quoting(r5Request.bundle.identifier), { request: r5Request, identity: r4 })).toMatchObject({ matched: 'Bundle.identifier', matchedByRule: false });
  });

  it.each<[string, IdentityStrategy, boolean]>([
    ['r4', r4, false],
    ['bars', bars, true],
  ])('says whether the id is that of the strategy (%s)', (_name, identity, matchedByRule) => {
    expect(readReply(quoting(request.bundle.id), { request, identity }).matchedByRule).toBe(matchedByRule);
  });

  it('matches the ids of other attempts (messaging.html#reliable)', () => {
    const ids: MessageId[] = [{ source: 'Bundle.id', value: 'attempt-2' }];

    expect(readReply(quoting('attempt-2'), { request, ids })).toMatchObject({ matched: 'Bundle.id', matchedByRule: false });
    expect(readReply(quoting('attempt-2'), { ids })).toMatchObject({ matched: 'Bundle.id' });
    expect(() => readReply(quoting('attempt-3'), { request, ids })).toThrow(expect.objectContaining({ code: 'reply.mismatch' }));
  });

  it('matches nothing where no request is given', () => {
    expect(readReply(quoting('whatever'))).toMatchObject({ matched: undefined, matchedByRule: false });
    expect(readReply(reply({ code: 'ok' }))).toMatchObject({ matched: undefined });
  });

  const named = createMessage(event, {}, { source: 'https://a.example', newId: () => 'A-1', bundle: {} });

  it.each<[string, unknown]>([
    ['another id', 'other'],
    ['the same letters in another case, which are another id', 'a-1'],
    ['nothing', undefined],
    ['an empty text', ''],
    ['a number', 1],
    ['a list', ['A-1']],
    ['an Identifier without a value', { system: 'x' }],
  ])('refuses a reply that quotes %s (reply.mismatch)', (_says, identifier) => {
    expect(readReply(quoting('A-1'), { request: named }).matched).toBe('MessageHeader.id');
    expect(() => readReply(quoting(identifier), { request: named })).toThrow(
      expect.objectContaining({ name: 'MessagingError', code: 'reply.mismatch', message: 'The reply quotes no id of the request: it answers another message.' }),
    );
  });

  it('refuses the same value in another system (reply.mismatch)', () => {
    const numbered = readMessage({ ...named.bundle, id: undefined, identifier: { system: 'urn:a', value: '17' } });

    expect(readReply(quoting({ system: 'urn:a', value: '17' }), { request: numbered }).matched).toBe('Bundle.identifier');
    expect(readReply(quoting('17'), { request: numbered }).matched).toBe('Bundle.identifier');
    expect(() => readReply(quoting({ system: 'urn:b', value: '17' }), { request: numbered })).toThrow(expect.objectContaining({ code: 'reply.mismatch' }));
  });

  it.each<[string, unknown]>([
    ['a request', request],
    ['a request as text', new TextDecoder().decode(request.bytes)],
    ['a response that is no element', reply('ok')],
    ['a response without a code', reply({ identifier: 'x' })],
    ['a response with another code', reply({ identifier: 'x', code: 'error' })],
    ['text that is no JSON', '<html>'],
    ['bytes that are no UTF-8', new Uint8Array([0xff])],
    ['an OperationOutcome', outcome],
    ['a Bundle of another type', { ...quoting('x'), type: 'searchset' }],
    ['what only looks like a message', { graph: 1, bytes: 2 }],
    ['what only looks like a message, more closely', { graph: { entries: [] }, bytes: new Uint8Array() }],
    ['nothing', {}],
  ])('refuses %s (reply.invalid)', (_says, input) => {
    expect(() => readReply(Object(input))).toThrow(expect.objectContaining({ name: 'MessagingError', code: 'reply.invalid' }));
  });

  it('keeps the issues and the cause of what it could not read', () => {
    expect(() => readReply('<html>')).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ rule: 'json.invalid' })], cause: expect.objectContaining({ code: 'json.invalid' }) }));
  });

  it('keeps the limits (input.limit)', () => {
    expect(() => readReply(answer.bytes, { limits: { maxBytes: 10 } })).toThrow(expect.objectContaining({ code: 'reply.invalid', issues: [expect.objectContaining({ rule: 'input.limit' })] }));
  });

  describe('issues', () => {
    const details = { reference: 'urn:uuid:oo' };
    const read = [{ severity: 'error', code: 'invalid', diagnostics: 'No.', details: { text: 'No.' } }];

    it.each<[string, object]>([
      ['the details', reply({ identifier: 'x', code: 'fatal-error', details }, { fullUrl: 'urn:uuid:oo', resource: outcome }, { fullUrl: 'urn:uuid:other', resource: { ...outcome, issue: [] } })],
      ["details by type and id, as HL7's own example has it", reply({ identifier: 'x', code: 'fatal-error', details: { reference: 'OperationOutcome/oo' } }, { fullUrl: 'urn:uuid:oo', resource: { ...outcome, id: 'oo' } })],
      ['every OperationOutcome, where there are no details', reply({ identifier: 'x', code: 'fatal-error' }, { fullUrl: 'urn:uuid:oo', resource: outcome })],
      ['every OperationOutcome, where the details lead nowhere', reply({ identifier: 'x', code: 'fatal-error', details: { reference: 'urn:uuid:none' } }, { fullUrl: 'urn:uuid:oo', resource: outcome })],
      ['details that are contained in the header', { ...reply({}), entry: [{ fullUrl: 'urn:uuid:h', resource: { resourceType: 'MessageHeader', eventUri: 'x', contained: [{ ...outcome, id: 'in' }], response: { identifier: 'x', code: 'fatal-error', details: { reference: '#in' } } } }] }],
    ])('are those of %s (MessageHeader.response.details)', (_says, input) => {
      expect(readReply(input)).toMatchObject({ code: 'fatal-error', issues: read, disagrees: false });
    });

    it.each([
      ['ok', 'error', true],
      ['ok', 'fatal', true],
      ['ok', 'warning', false],
      ['ok', 'success', false],
      ['transient-error', 'error', false],
      ['fatal-error', 'fatal', false],
    ])('beside %s: one that is %s disagrees: %s (response.severity)', (code, severity, disagrees) => {
      expect(readReply(reply({ identifier: 'x', code, details }, { fullUrl: 'urn:uuid:oo', resource: { ...outcome, issue: [{ severity, code: 'invalid' }] } })).disagrees).toBe(disagrees);
    });
  });
});

describe('isReply', () => {
  it('is decided by the header having a response, whatever that says (MessageHeader.response)', () => {
    expect(isReply(readMessage(answer.bundle))).toBe(true);
    expect(isReply(request)).toBe(false);
  });
});
