import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import { messagesIn } from './messages-in.ts';

const event = defineEvent({ uri: 'https://example.org/note', category: 'notification', focus: [], payload: {} });

const message = (id: string): object => ({
  resourceType: 'Bundle',
  id,
  type: 'message',
  entry: [{ fullUrl: `urn:uuid:${id}`, resource: { resourceType: 'MessageHeader', eventUri: 'https://example.org/note', source: { endpoint: 'https://a.example' } } }],
});
const idsIn = (bundle: object, options = {}): (string | undefined)[] => messagesIn(bundle, options).map(({ bundle: { id } }) => id);

describe('messagesIn', () => {
  it.each([
    ['a searchset of a mailbox', { type: 'searchset', total: 2, entry: [{ search: { mode: 'match' }, resource: message('1') }, { resource: message('2') }] }],
    ['a batch', { type: 'batch', entry: [{ request: { method: 'POST', url: 'Bundle' }, resource: message('1') }, { resource: message('2') }] }],
    ['a collection', { type: 'collection', entry: [{ resource: message('1') }, { resource: message('2') }] }],
  ])('gives the messages in %s, in order (messaging.html#rest)', (_says, bundle) => {
    expect(idsIn({ resourceType: 'Bundle', ...bundle })).toEqual(['1', '2']);
  });

  it('gives of a message just itself', () => {
    const nested = { ...message('1'), entry: [...Object(message('1')).entry, { fullUrl: 'urn:uuid:inner', resource: message('2') }] };

    expect(idsIn(nested)).toEqual(['1']);
  });

  it('passes over what is no message', () => {
    const entry = [null, 'text', {}, { resource: { resourceType: 'Patient', type: 'message' } }, { resource: { resourceType: 'Bundle', type: 'collection', entry: [{ resource: message('2') }] } }, { resource: message('1') }];

    expect(idsIn({ resourceType: 'Bundle', type: 'collection', entry })).toEqual(['1']);
    expect(idsIn({ resourceType: 'Bundle', type: 'collection' })).toEqual([]);
    expect(idsIn({ resourceType: 'Patient' })).toEqual([]);
    expect(idsIn({ entry: 'x' })).toEqual([]);
  });

  it('reads each with the contract of its event', () => {
    expect(messagesIn(message('1'), { events: [event] }).map((each) => each.event)).toEqual([event]);
  });

  it('refuses where one is no sound message (message.invalid)', () => {
    const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: message('1') }, { resource: { resourceType: 'Bundle', type: 'message' } }] };

    expect(() => messagesIn(bundle)).toThrow(expect.objectContaining({ code: 'message.invalid' }));
  });

  it('keeps the limits for each (input.limit)', () => {
    expect(() => messagesIn(message('1'), { limits: { maxEntries: 0 } })).toThrow(expect.objectContaining({ code: 'input.limit' }));
  });
});
