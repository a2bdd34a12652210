import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import type { AnyEvent } from '../event/event-contract.ts';
import { graphOf } from '../graph/graph-of.ts';
import { messageOf } from './message.ts';
import type { Message } from './message.ts';
import { responseRequestOf, responseRequestUrl, wantsReply } from './response-request.ts';

const messageWith = (header: object, event?: AnyEvent): Message =>
  messageOf({ event, graph: graphOf({ resourceType: 'Bundle', entry: [{ resource: { resourceType: 'MessageHeader', ...header } }] }), release: 'R4', issues: [] });
const extended = (...extension: unknown[]): { extension: unknown[] } => ({ extension });
const onError = defineEvent({ uri: 'x', category: 'notification', focus: [], payload: {}, reply: 'on-error' });

describe('responseRequestOf', () => {
  it.each(['always', 'on-error', 'never', 'on-success'] as const)('reads %s from the message, before what its contract says', (code) => {
    expect(responseRequestOf(messageWith(extended({ url: 'https://other.example', valueCode: 'x' }, { url: responseRequestUrl, valueCode: code }), onError))).toBe(code);
  });

  it.each([
    ['no extension', {}],
    ['another code', extended({ url: responseRequestUrl, valueCode: 'sometimes' })],
    ['another type of value', extended({ url: responseRequestUrl, valueString: 'never' })],
    ['extensions that are no list', { extension: { url: responseRequestUrl, valueCode: 'never' } }],
    ['extensions that are no elements', extended(null, 'never')],
  ])('follows the contract where there is %s', (_says, given) => {
    expect(responseRequestOf(messageWith(given, onError))).toBe('on-error');
    expect(responseRequestOf(messageWith(given), 'never')).toBe('never');
  });

  it('is always where nobody says', () => {
    expect(responseRequestOf(messageWith({}))).toBe('always');
  });
});

describe('wantsReply', () => {
  it.each([
    ['always', true, true],
    ['on-error', false, true],
    ['on-success', true, false],
    ['never', false, false],
  ] as const)('of %s is %s for ok, %s for an error (messageheader-response-request)', (request, ok, error) => {
    expect(wantsReply(request, 'ok')).toBe(ok);
    expect(wantsReply(request, 'error')).toBe(error);
  });
});
