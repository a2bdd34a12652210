import { describe, expect, it, vi } from 'vitest';
import { toIssues } from '../errors.ts';
import type { MessagingError } from '../errors.ts';
import { createMessage } from '../message/create-message.ts';
import { createReply } from '../message/create-reply.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Message } from '../message/message.ts';
import type { MessageNames, ProgressEvent } from '../exchange/progress.ts';
import { createMessenger } from './messenger.ts';
import type { MessengerOptions } from './messenger.ts';
import { eventOf, failed, messageOf, messengerOf, reply, scripted, source, status } from '../../test/scripted.ts';

describe('createMessenger: one attempt', () => {
  it('the error of a check whose issue names no rule and no place has no empty parentheses', async () => {
    const { messenger } = messengerOf({ ...scripted(), check: () => [{ severity: 'error', code: 'business-rule' }] });

    await expect(messenger.send(messageOf())).rejects.toThrow(/breaks a rule: business-rule$/);
  });

  it('sends the bytes of the message and resolves with the reply', async () => {
    const { transport, sent } = scripted(reply());
    const message = messageOf();
    const { messenger, events } = messengerOf({ transport });

    expect(await messenger.send(message)).toMatchObject({ kind: 'ok', attempts: 1, matched: 'MessageHeader.id' });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ attempt: 1, message });
    expect(sent[0]?.bytes).toBe(message.bytes);
    expect(events).toEqual([
      { kind: 'attempt', attempt: 1 },
      { kind: 'sent', attempt: 1, status: 200 },
      { kind: 'replied', attempt: 1, reply: 'ok' },
    ]);
  });

  it('takes a refusal, custody and fatal-error for an answer, and sends once', async () => {
    for (const [step, kind] of [[status(422), 'refused'], [status(202), 'accepted'], [status(204), 'processed'], [reply({ code: 'fatal-error' }), 'fatal-error']] as const) {
      const { transport, sent } = scripted(step);

      expect((await messengerOf({ transport }).messenger.send(messageOf())).kind).toBe(kind);
      expect(sent).toHaveLength(1);
    }
  });

  it('does not try an unreadable success again: reply.invalid, delivery yes', async () => {
    const { transport, sent } = scripted(status(200));
    const { messenger, events } = messengerOf({ transport });

    await expect(messenger.send(messageOf('notification'))).rejects.toMatchObject({ code: 'reply.invalid', delivery: 'yes', attempts: 1 });
    expect(sent).toHaveLength(1);
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'yes', unanswered: true, code: 'reply.invalid' });
  });

  it('does not try the reply to another message again: reply.mismatch, delivery unknown', async () => {
    const other = createReply(messageOf(), { source }).bytes;
    const { transport, sent } = scripted({ status: 200, body: other });
    const { messenger, events } = messengerOf({ transport });

    await expect(messenger.send(messageOf('notification'))).rejects.toMatchObject({ code: 'reply.mismatch', delivery: 'unknown', status: 200, attempts: 1 });
    expect(sent).toHaveLength(1);
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'unknown', unanswered: true, code: 'reply.mismatch' });
  });

  it('takes whatever else a transport throws for a failure that says nothing of delivery', async () => {
    const cause = new TypeError('fetch failed');

    await expect(messengerOf(scripted(cause)).messenger.send(messageOf())).rejects.toMatchObject({ code: 'transport.failed', delivery: 'unknown', cause });
  });
});

describe('createMessenger: what is around a send', () => {
  it('an observer that throws harms nothing, and the others are told', async () => {
    const told: ProgressEvent[] = [];
    const { messenger } = messengerOf({
      ...scripted(status(503), reply()),
      observe: () => {
        throw new Error('fault in a display');
      },
    });

    expect((await messenger.send(messageOf(), { onProgress: (event) => told.push(event) })).kind).toBe('ok');
    expect(told.map(({ kind }) => kind)).toEqual(['attempt', 'sent', 'waiting', 'attempt', 'sent', 'replied']);
  });

  it('is told with the id and the event of its message, to those who watch all sends and to each who wants this one', async () => {
    const told: unknown[] = [];
    const keep = (who: string) => (event: ProgressEvent, about: MessageNames) => told.push([who, event.kind, about]);
    const { messenger } = messengerOf({ ...scripted(failed('unknown'), reply()), observe: keep('all') });
    const message = messageOf('notification');
    await Promise.all([messenger.send(message, { onProgress: keep('one') }), messenger.send(message, { onProgress: keep('two') })]);

    const about = { message: message.identity.message, event: { coding: { system: expect.any(String), code: expect.any(String) } } };
    const kinds = ['attempt', 'waiting', 'attempt', 'sent', 'replied'];
    expect(told).toEqual(kinds.flatMap((kind) => [['all', kind, about], ['one', kind, about], ['two', kind, about]]));
    expect(about.message).toEqual(expect.any(String));
  });

  it('says which message it is of in each other event too: one that leaves a send that others want, a reply that comes later, options that contradict', async () => {
    const told: unknown[] = [];
    const observe = ({ kind }: ProgressEvent, { message }: MessageNames): unknown => told.push([kind, message]);
    const { messenger } = messengerOf({ ...scripted(status(202)), source, observe });
    const message = messageOf();
    const id = message.identity.message;
    const leaving = new AbortController();
    const left: unknown[] = [];
    const sending = messenger.send(message, { async: true });
    const other = messenger.send(message, { async: true, signal: leaving.signal, onProgress: ({ kind }, about) => left.push([kind, about.message]) });
    leaving.abort();
    await expect(other).rejects.toMatchObject({ name: 'AbortError' });
    await sending;
    await messenger.accept(createReply(message, { source }));
    await messenger.send(message, { async: false, responseUrl: 'https://app.example.org' }).catch(() => undefined);

    expect(left).toEqual([['delivery', id]]);
    expect(told).toEqual(['attempt', 'sent', 'accepted', 'replied', 'delivery'].map((kind) => [kind, id]));
  });

  it('says the code of the error that it waits, or ended, for', async () => {
    const { messenger, events } = messengerOf({ ...scripted(status(503), failed('no'), failed('unknown')), retry: { maxAttempts: 3 } });
    const { code } = await messenger.send(messageOf()).catch((error: unknown) => error) as MessagingError;
    const codes = events.flatMap((event) => ('code' in event ? [[event.kind, event.code]] : []));

    expect(codes).toEqual([['waiting', 'transport.status'], ['waiting', 'transport.failed'], ['delivery', code]]);
    expect(code).toBe('transport.failed');
  });

  it('an observer that rejects harms nothing either, and leaves no rejection that nobody handles', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const { messenger } = messengerOf({ ...scripted(reply()), observe: vi.fn().mockRejectedValue(new Error('fault in a display')) });

    expect((await messenger.send(messageOf())).kind).toBe('ok');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('a check of its own keeps a message here that it finds an error in, with all that it found, the worst first', async () => {
    const { transport, sent } = scripted();
    const issues = [{ severity: 'warning', code: 'value' }, { severity: 'error', code: 'invariant', rule: 'profile' }] as const;
    const { messenger, events } = messengerOf({ transport, check: async () => issues });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ code: 'message.invalid', delivery: 'no', issues: issues.toReversed() });
    expect(sent).toEqual([]);
    expect(events).toEqual([{ kind: 'delivery', attempt: 0, delivery: 'no', unanswered: false, code: 'message.invalid' }]);
  });

  it('what a validator says in words stays in the issues: it may quote the record', async () => {
    const issues = [{ severity: 'error', code: 'value', expression: ['Patient.name[0]'], diagnostics: 'MILLER is no name' }] as const;
    const { messenger } = messengerOf({ ...scripted(), check: () => issues.map((issue) => ({ ...issue, expression: [...issue.expression] })) });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ issues, message: 'This consequence message breaks a rule: value (Patient.name[0])' });
  });

  it('a check that gives no list keeps it here, and is named: it may have checked nothing', async () => {
    const { transport, sent } = scripted(reply());
    const { messenger, events } = messengerOf({ transport, check: (() => undefined) as never });

    await expect(messenger.send(messageOf())).rejects.toThrow(new TypeError('createMessenger: the check gives no list of issues.'));
    expect(sent).toEqual([]);
    expect(events).toEqual([{ kind: 'delivery', attempt: 0, delivery: 'no', unanswered: false }]);
  });

  it('a check that was ended by its own time limit, and says so by toIssues, keeps it here (aborted)', async () => {
    const { transport, sent } = scripted(reply());
    const ended = Promise.reject(new DOMException('took too long', 'AbortError'));
    const { messenger } = messengerOf({ transport, check: () => ended.catch(toIssues) });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ code: 'message.invalid', delivery: 'no', issues: [{ rule: 'aborted' }] });
    expect(sent).toEqual([]);
  });

  it('takes its options from an instance of a class too, by its methods and getters: its check, how often it sends, its transport', async () => {
    class AppOptions {
      readonly sent: string[] = [];
      readonly random = (): number => 0;
      get retry(): MessengerOptions['retry'] {
        return new (class {
          get maxAttempts(): number {
            return 2;
          }
          get initialDelayMs(): number {
            return 1;
          }
        })();
      }
      get transport(): MessengerOptions['transport'] {
        return () => {
          this.sent.push('sent');
          return Promise.reject(failed('no'));
        };
      }
      check({ graph }: Message): Issue[] {
        return graph.bundle.timestamp?.startsWith('1970') ? [{ severity: 'error', code: 'business-rule' }] : [];
      }
    }
    const options = new AppOptions();
    const messenger = createMessenger(options);
    const at = (time: number) => messenger.create(eventOf('notification'), { Patient: { resourceType: 'Patient' } }, { source, now: () => time });

    await expect(messenger.send(at(0))).rejects.toMatchObject({ code: 'message.invalid', delivery: 'no' });
    expect(options.sent).toEqual([]);
    await expect(messenger.send(at(1_700_000_000_000))).rejects.toMatchObject({ code: 'transport.failed', attempts: 2 });
    expect(options.sent).toEqual(['sent', 'sent']);
  });

  it('calls its transport, its check and its observer on the options, as the methods of an instance of a class need it', async () => {
    class Ward {
      readonly told: string[] = [];
      transport(): Promise<never> {
        this.told.push('transport');
        return Promise.reject(failed('no'));
      }
      check(): Issue[] {
        this.told.push('check');
        return [];
      }
      observe({ kind }: ProgressEvent): void {
        this.told.push(kind);
      }
      readonly retry = { maxAttempts: 1 };
    }
    const ward = new Ward();
    const messenger = createMessenger(ward);

    await expect(messenger.send(messageOf('notification'))).rejects.toMatchObject({ code: 'transport.failed' });
    expect(ward.told).toEqual(['check', 'attempt', 'transport', 'delivery']);
  });

  it('a check that finds only warnings lets it go', async () => {
    const { messenger } = messengerOf({ ...scripted(reply()), check: () => [{ severity: 'warning', code: 'value' }] });

    expect((await messenger.send(messageOf())).kind).toBe('ok');
  });

  it('closed, it takes no further message; what is being sent goes on', async () => {
    const { transport } = scripted(status(503), reply());
    const { messenger } = messengerOf({ transport });
    const sending = messenger.send(messageOf(), { onProgress: ({ kind }) => kind === 'waiting' && void messenger.close() });

    expect((await sending).kind).toBe('ok');
    await expect(messenger.send(messageOf())).rejects.toMatchObject({ code: 'closed', delivery: 'no' });
  });

  it('waits in real time and draws at random where nobody says otherwise', async () => {
    vi.useFakeTimers();
    try {
      const { transport, sent } = scripted(status(503), reply());
      const sending = createMessenger({ transport }).send(messageOf());
      await vi.advanceTimersByTimeAsync(500);

      expect((await sending).attempts).toBe(2);
      expect(sent).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('messenger.create', () => {
  const event = eventOf('notification');
  const payload = { Patient: { resourceType: 'Patient' } } as const;
  const { transport } = scripted();
  const header = (message: Message) => message.graph.header;

  it("is createMessage with the messenger's source, destination and ids", () => {
    const newId = vi.fn(() => '5b1c4a1e-1111-4d5c-9a53-0f3f0d0f0f0f');
    const message = createMessenger({ transport, source, destination: 'https://b.example', newId: () => `${newId()}${newId.mock.calls.length}` }).create(event, payload);

    expect(header(message)).toMatchObject({ source: { endpoint: source }, destination: [{ endpoint: 'https://b.example' }] });
    expect(message.bundle.id).toContain(newId());
  });

  it('takes others for one message', () => {
    const message = createMessenger({ transport, source, destination: 'https://b.example' }).create(event, payload, {
      source: 'https://other.example',
      destination: ['https://c.example', 'https://d.example'],
    });

    expect(header(message)).toMatchObject({ source: { endpoint: 'https://other.example' }, destination: [{ endpoint: 'https://c.example' }, { endpoint: 'https://d.example' }] });
  });

  it('takes them, and those of createMessage, from an instance of a class too: by its methods and getters', () => {
    class Options {
      get source(): string {
        return 'https://other.example';
      }
      get destination(): string {
        return 'https://c.example';
      }
      get bundle(): object {
        return { language: 'de' };
      }
      get header(): object {
        return { reason: { text: 'transfer' } };
      }
      get base(): string {
        return 'https://ehr.example/r4';
      }
      now(): number {
        return 0;
      }
    }
    const content = { Patient: { resourceType: 'Patient', id: '1' } } as const;
    const messages = [createMessenger({ transport, source }).create(event, content, new Options()), createMessage(event, content, new Options())];
    const expected = { bundle: { language: 'de', timestamp: '1970-01-01T00:00:00.000Z' }, graph: { header: { destination: [{ endpoint: 'https://c.example' }], reason: { text: 'transfer' } } } };

    expect(messages).toMatchObject([expected, expected]);
    expect(messages.map(({ graph }) => graph.focus)).toMatchObject([[{ id: '1' }], [{ id: '1' }]]);
    expect(messages.map(({ graph }) => graph.entries[1]?.fullUrl)).toEqual(['https://ehr.example/r4/Patient/1', 'https://ehr.example/r4/Patient/1']);
  });

  it('writes the release that the messenger, the graph of a message, or the call says, the last of them first', () => {
    const patient = { resourceType: 'Patient' } as const;
    const { messenger } = messengerOf({ ...scripted(), source, release: 'R5' });
    const message = messenger.create(eventOf('notification'), { Patient: patient });

    expect(message.release).toBe('R5');
    expect(messenger.create(eventOf('notification'), { Patient: patient }, { release: 'R4B' }).release).toBe('R4B');
    expect(messenger.create(eventOf('notification'), message.graph, { release: 'R4' }).release).toBe('R4');
  });

  it('an option that is there and undefined changes nothing', () => {
    const message = createMessenger({ transport, source, destination: 'https://b.example' }).create(event, payload, { source: undefined, destination: undefined } as object);

    expect(header(message)).toMatchObject({ source: { endpoint: source }, destination: [{ endpoint: 'https://b.example' }] });
  });

  it('says at once that a source is missing, and how to give one', () => {
    expect(() => Reflect.apply(createMessenger, undefined, [{ source: 'https://a.example' }])).toThrow(new TypeError('createMessenger: a transport is missing.'));
    expect(() => createMessenger({ transport }).create(event, payload)).toThrow(new TypeError('messenger.create: a source is missing, here and in createMessenger.'));
  });

  it('writes by the clock and with the ids of the messenger', () => {
    let last = 0;
    const messenger = createMessenger({ transport, source: 'https://a.example', now: () => Date.parse('2026-11-21T08:00:00Z'), newId: () => `id-${(last += 1)}` });

    expect(messenger.create(event, payload).bundle).toMatchObject({ id: expect.stringMatching(/^id-/), timestamp: '2026-11-21T08:00:00.000Z' });
    expect(messenger.create(event, payload, { now: () => 0 }).bundle.timestamp).toBe('1970-01-01T00:00:00.000Z');
  });
});
