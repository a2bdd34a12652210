import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import { messagesIn } from './messages-in.ts';
import { readMessage } from './read-message.ts';

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

  it("gives each message bytes of its own: the mailbox's would be other patients' messages, too", () => {
    const mailbox = { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: message('1') }, { resource: message('2') }] };
    const bytes = new TextEncoder().encode(JSON.stringify(mailbox));

    expect(messagesIn(mailbox, Object({ bytes })).map((each) => JSON.parse(new TextDecoder().decode(each.bytes)))).toEqual([message('1'), message('2')]);
  });

  it('gives of a message just itself', () => {
    const nested = { ...message('1'), entry: [...Object(message('1')).entry, { fullUrl: 'urn:uuid:inner', resource: message('2') }] };

    expect(idsIn(nested)).toEqual(['1']);
  });

  it('takes its options from an instance of a class too: by its methods and getters', () => {
    class Options {
      get limits(): object {
        return { maxEntries: 0 };
      }
      get parse(): () => object {
        return () => message('2');
      }
    }

    expect(() => idsIn(message('1'), new Options())).toThrow(expect.objectContaining({ code: 'input.limit' }));
    expect(readMessage('no JSON', { parse: new Options().parse }).bundle.id).toBe('2');
    expect(() => readMessage('no JSON', new Options())).toThrow(expect.objectContaining({ code: 'input.limit' }));
  });

  it('passes over what is no message', () => {
    const entry = [null, 'text', {}, { resource: { resourceType: 'Patient', type: 'message' } }, { resource: { resourceType: 'Bundle', type: 'collection', entry: [{ resource: message('2') }] } }, { resource: message('1') }];

    expect(idsIn({ resourceType: 'Bundle', type: 'collection', entry })).toEqual(['1']);
    expect(idsIn({ resourceType: 'Bundle', type: 'collection' })).toEqual([]);
    expect(idsIn({ resourceType: 'Bundle', entry: 'x' })).toEqual([]);
  });

  it.each([
    ['text', JSON.stringify(message('1'))],
    ['bytes', new TextEncoder().encode(JSON.stringify(message('1')))],
    ['a buffer', new TextEncoder().encode(JSON.stringify(message('1'))).buffer],
    ['a Response', new Response(JSON.stringify(message('1')))],
    ['a list', [message('1')]],
    ['an OperationOutcome', { resourceType: 'OperationOutcome', issue: [] }],
    ['what has no type', { entry: [{ resource: message('1') }] }],
    ['nothing', undefined],
  ])('refuses %s, which is no parsed Bundle, instead of finding no messages in it', (_says, input) => {
    expect(() => messagesIn(input as object)).toThrow(new TypeError('messagesIn: this is no parsed Bundle.'));
  });

  it('reads each with the contract of its event', () => {
    expect(messagesIn(message('1'), { events: [event] }).map((each) => each.event)).toEqual([event]);
  });

  describe('where one is no sound message', () => {
    const unsound = { resourceType: 'Bundle', id: 'unsound', type: 'message' };
    const mailbox = (...resources: object[]): object => ({ resourceType: 'Bundle', type: 'searchset', entry: resources.map((resource) => ({ resource })) });
    const read = (bundle: object, options = {}) => {
      const told: [string, object][] = [];
      const found = messagesIn(bundle, { ...options, onUnsound: (error, each) => void told.push([error.code, each]) });
      return { ids: found.map(({ bundle: { id } }) => id), told };
    };

    it('gives the others, in order, and tells of each that is not, with its Bundle', () => {
      const heedless = { ...message('3'), entry: [] };

      expect(read(mailbox(unsound, message('1'), heedless, message('2')))).toEqual({ ids: ['1', '2'], told: [['message.invalid', unsound], ['message.invalid', heedless]] });
      expect(read(unsound)).toEqual({ ids: [], told: [['message.invalid', unsound]] });
    });

    it('tells the issues, as readMessage does', () => {
      messagesIn(mailbox(unsound), { onUnsound: ({ issues }) => expect(issues).not.toEqual([]) });
      expect.assertions(1);
    });

    it('tells of one past the limits (input.limit)', () => {
      const two = { ...message('2'), entry: [...Object(message('2')).entry, { fullUrl: 'urn:uuid:inner', resource: message('3') }] };

      expect(read(mailbox(two, message('1')), { limits: { maxEntries: 1 } })).toEqual({ ids: ['1'], told: [['input.limit', two]] });
    });

    it('throws it where nobody is to be told: none is passed over in silence (message.invalid)', () => {
      expect(() => messagesIn(mailbox(message('1'), unsound))).toThrow(expect.objectContaining({ code: 'message.invalid' }));
    });

    it('lets through what the one who is told throws', () => {
      const onUnsound = (): never => {
        throw new RangeError('enough');
      };

      expect(() => messagesIn(mailbox(unsound), { onUnsound })).toThrow(RangeError);
    });
  });

  it('keeps the limits for each (input.limit)', () => {
    expect(() => messagesIn(message('1'), { limits: { maxEntries: 0 } })).toThrow(expect.objectContaining({ code: 'input.limit' }));
  });
});
