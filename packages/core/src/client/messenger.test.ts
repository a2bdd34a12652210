import { describe, expect, it, vi } from 'vitest';
import { MessagingError } from '../errors.ts';
import type { Delivery, ErrorCode } from '../errors.ts';
import { defineEvent } from '../event/define-event.ts';
import type { MessageCategory } from '../fhir/codes.ts';
import type { Release } from '../fhir/release.ts';
import { createMessage } from '../message/create-message.ts';
import { createReply } from '../message/create-reply.ts';
import type { ReplyContent } from '../message/create-reply.ts';
import type { Message } from '../message/message.ts';
import { readMessage } from '../message/read-message.ts';
import type { ProgressEvent } from '../exchange/progress.ts';
import type { Outgoing, Receipt, Transport } from '../exchange/transport.ts';
import { createMessenger } from './messenger.ts';
import type { Messenger, MessengerOptions } from './messenger.ts';

const source = 'https://app.example.org';

const eventOf = (category: MessageCategory) =>
  defineEvent({ coding: { system: 'https://example.org/events', code: category }, category, focus: ['Patient'], payload: { Patient: '1..1' } });

const messageOf = (category: MessageCategory = 'consequence', release: Release = 'R4'): Message =>
  createMessage(eventOf(category), { Patient: { resourceType: 'Patient' } }, { source, release });

type Step = Receipt | Error | ((outgoing: Outgoing) => Receipt | Promise<Receipt>);

/** A transport that follows a script and keeps what it was given. */
function scripted(...steps: Step[]): { transport: Transport; sent: Outgoing[] } {
  const sent: Outgoing[] = [];
  const rest = [...steps];
  const transport: Transport = async (outgoing) => {
    sent.push(outgoing);
    const step = rest.shift();
    if (step === undefined) throw new TypeError('the script has run out');
    if (step instanceof Error) throw step;
    return typeof step === 'function' ? step(outgoing) : step;
  };
  return { transport, sent };
}

/** A messenger whose waits take no time and are kept. */
function messengerOf(options: MessengerOptions): { messenger: Messenger; waits: number[]; events: ProgressEvent[] } {
  const waits: number[] = [];
  const events: ProgressEvent[] = [];
  let time = 0;
  const messenger = createMessenger({
    random: () => 0.5,
    now: () => time,
    sleep: async (delayMs) => {
      waits.push(delayMs);
      time += delayMs;
    },
    observe: (event) => events.push(event),
    ...options,
  });
  return { messenger, waits, events };
}

const status = (code: number, headers: Record<string, string> = {}): Receipt => ({ status: code, headers: new Headers(headers), body: undefined });
const failed = (delivery: Delivery, code: ErrorCode = 'transport.failed'): MessagingError => new MessagingError(code, 'failed', { delivery });
const reply =
  (content: ReplyContent = {}) =>
  ({ message }: Outgoing): Receipt => ({ status: 200, body: createReply(message, { source: 'https://b.example', ...content }).bytes });

describe('createMessenger: one attempt', () => {
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
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'yes' });
  });

  it('does not try the reply to another message again: reply.mismatch, delivery unknown', async () => {
    const other = createReply(messageOf(), { source }).bytes;
    const { transport, sent } = scripted({ status: 200, body: other });
    const { messenger, events } = messengerOf({ transport });

    await expect(messenger.send(messageOf('notification'))).rejects.toMatchObject({ code: 'reply.mismatch', delivery: 'unknown' });
    expect(sent).toHaveLength(1);
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'unknown' });
  });

  it('takes whatever else a transport throws for a failure that says nothing of delivery', async () => {
    const cause = new TypeError('fetch failed');

    await expect(messengerOf(scripted(cause)).messenger.send(messageOf())).rejects.toMatchObject({ code: 'transport.failed', delivery: 'unknown', cause });
  });
});

describe('createMessenger: trying again', () => {
  it('503 then ok: a consequence is sent again under the same ids, to the byte', async () => {
    const { transport, sent } = scripted(status(503), reply());
    const { messenger, waits, events } = messengerOf({ transport });

    expect(await messenger.send(messageOf())).toMatchObject({ kind: 'ok', attempts: 2 });
    expect(sent[1]?.bytes).toBe(sent[0]?.bytes);
    expect(waits).toEqual([250]);
    expect(events).toEqual([
      { kind: 'attempt', attempt: 1 },
      { kind: 'sent', attempt: 1, status: 503 },
      { kind: 'waiting', attempt: 2, delayMs: 250, untilMs: 250 },
      { kind: 'attempt', attempt: 2 },
      { kind: 'sent', attempt: 2, status: 200 },
      { kind: 'replied', attempt: 2, reply: 'ok' },
    ]);
  });

  it.each([['currency', 'R4'], ['notification', 'R4'], ['currency', 'R4B']] as const)(
    'a %s is sent again under the same MessageHeader.id and another Bundle.id (%s)',
    async (category, release) => {
      const { transport, sent } = scripted(failed('unknown'), failed('unknown'), reply());

      expect(await messengerOf({ transport }).messenger.send(messageOf(category, release))).toMatchObject({ kind: 'ok', attempts: 3 });
      expect(new Set(sent.map(({ message }) => message.bundle.id)).size).toBe(3);
      expect(new Set(sent.map(({ message }) => message.identity.message)).size).toBe(1);
    },
  );

  it.each([['consequence', 1], ['currency', 3], ['notification', 1]] as const)('R5: a %s is resent under %s Bundle.identifier', async (category, count) => {
    const { transport, sent } = scripted(failed('no'), failed('no'), reply());

    expect(await messengerOf({ transport }).messenger.send(messageOf(category, 'R5'))).toMatchObject({ kind: 'ok', attempts: 3 });
    expect(new Set(sent.map(({ message }) => message.identity.message)).size).toBe(count);
  });

  it('a late reply that quotes the ids of an earlier attempt settles the send', async () => {
    let first: Outgoing | undefined;
    const { transport } = scripted(
      (outgoing) => {
        first = outgoing;
        throw failed('unknown');
      },
      () => reply()(first!),
    );

    expect(await messengerOf({ transport }).messenger.send(messageOf('currency', 'R5'))).toMatchObject({ kind: 'ok', attempts: 2 });
  });

  it('a transient-error reply is tried again, and is the reply when the attempts are used up', async () => {
    const { transport, sent } = scripted(...Array.from({ length: 4 }, () => reply({ code: 'transient-error' })));
    const { messenger, waits } = messengerOf({ transport });

    expect(await messenger.send(messageOf())).toMatchObject({ kind: 'transient-error', attempts: 4 });
    expect(sent).toHaveLength(4);
    expect(waits).toEqual([250, 500, 1000]);
  });

  it('honours Retry-After, of 429, of 503 and of a transient-error reply', async () => {
    const slow = (outgoing: Outgoing): Receipt => ({ ...reply({ code: 'transient-error' })(outgoing), headers: new Headers({ 'retry-after': '5' }) });
    const { transport } = scripted(status(429, { 'retry-after': '3' }), status(503, { 'retry-after': '4' }), slow, reply());
    const { messenger, waits } = messengerOf({ transport });

    expect(await messenger.send(messageOf())).toMatchObject({ kind: 'ok', attempts: 4 });
    expect(waits).toEqual([3000, 4000, 5000]);
  });

  it('ends within the total time: no wait reaches past it, and the last attempt is cut to what is left', async () => {
    vi.useFakeTimers();
    try {
      const { transport, sent } = scripted(status(503, { 'retry-after': '5' }), () => new Promise(() => undefined));
      const sending = createMessenger({ transport, retry: { maxTotalMs: 8000 } }).send(messageOf());
      const rejected = expect(sending).rejects.toMatchObject({ code: 'transport.timeout', message: 'No answer came within 3000 ms.', attempts: 2 });
      await vi.advanceTimersByTimeAsync(8000);

      await rejected;
      expect(sent).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('by default it never takes less than one attempt may', async () => {
    vi.useFakeTimers();
    try {
      const sending = createMessenger({ ...scripted(() => new Promise(() => undefined)), timeoutMs: 600_000 }).send(messageOf());
      const rejected = expect(sending).rejects.toMatchObject({ message: 'No answer came within 600000 ms.' });
      await vi.advanceTimersByTimeAsync(600_000);

      await rejected;
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not wait for an attempt that would come too late', async () => {
    const { messenger, waits } = messengerOf({ ...scripted(status(503, { 'retry-after': '10' })), retry: { maxTotalMs: 10_000 } });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ status: 503, attempts: 1 });
    expect(waits).toEqual([]);
  });

  it('gives up with the last error and what is known of all attempts', async () => {
    const { transport } = scripted(status(503), status(503), status(429), status(503));

    await expect(messengerOf({ transport }).messenger.send(messageOf())).rejects.toMatchObject({ code: 'transport.status', status: 503, delivery: 'no', attempts: 4 });
  });
});

describe('createMessenger: a consequence that may have arrived', () => {
  it.each([
    ['connection', failed('unknown')],
    ['timeout', failed('unknown', 'transport.timeout')],
    ['500', status(500)],
    ['502', status(502)],
  ])('stops with delivery unknown after %s', async (_, step) => {
    const { transport, sent } = scripted(step);
    const { messenger, events } = messengerOf({ transport });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ delivery: 'unknown', attempts: 1 });
    expect(sent).toHaveLength(1);
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'unknown' });
  });

  it.each([
    ['the peer', { peer: { reliableCacheMinutes: 10 } }],
    ['the strategy', {}],
  ])('is sent again where %s says that it will be recognised', async (_, options) => {
    const { transport, sent } = scripted(failed('unknown'), status(502), reply());
    const { r4 } = await import('../message/identity.ts');
    const identity = 'peer' in options ? r4 : { ...r4, reliableCacheMinutes: 10 };

    expect(await messengerOf({ transport, identity, ...options }).messenger.send(messageOf())).toMatchObject({ kind: 'ok', attempts: 3 });
    expect(new Set(sent.map(({ bytes }) => bytes)).size).toBe(1);
  });

  it('is not sent again once its wait would reach past that time', async () => {
    const { transport, sent } = scripted(failed('unknown'), status(503, { 'retry-after': '25' }), status(503, { 'retry-after': '25' }), status(503, { 'retry-after': '25' }));
    const { messenger, waits } = messengerOf({ transport, peer: { reliableCacheMinutes: 1 }, retry: { maxAttempts: 9 } });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ status: 503, delivery: 'unknown', attempts: 4 });
    expect(sent).toHaveLength(4);
    expect(waits).toEqual([250, 25_000, 25_000]);
  });

  it('then counts for the last error too: one that surely did not arrive does not undo one that may have', async () => {
    const { transport } = scripted(failed('unknown'), status(503));
    const { messenger } = messengerOf({ transport, peer: { reliableCacheMinutes: 10 }, retry: { maxAttempts: 2 } });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ status: 503, delivery: 'unknown', attempts: 2 });
  });

  it('then counts for a refusal: mayHaveArrived', async () => {
    const { transport } = scripted(failed('unknown'), status(404));

    expect(await messengerOf({ transport, peer: { reliableCacheMinutes: 10 } }).messenger.send(messageOf())).toMatchObject({ kind: 'refused', mayHaveArrived: true });
  });

  it('holds for a message that was read without a contract: nobody said that twice does no harm', async () => {
    const read = readMessage(messageOf('notification').bytes);

    await expect(messengerOf(scripted(failed('unknown'))).messenger.send(read)).rejects.toMatchObject({ delivery: 'unknown', attempts: 1 });
  });

  it('after a transient-error, an error that surely did not arrive does not say that nothing did', async () => {
    const { transport } = scripted(reply({ code: 'transient-error' }), status(503));

    await expect(messengerOf({ transport, retry: { maxAttempts: 2 } }).messenger.send(messageOf())).rejects.toMatchObject({ status: 503, delivery: 'unknown' });
  });
});

describe('createMessenger: aborting', () => {
  const reason = { why: 'the user left' };
  const forever = (): Promise<never> => new Promise(() => undefined);

  /** Sends, aborts when told to, and gives the last event. */
  async function aborted(steps: Step[], when: (event: ProgressEvent) => boolean, options: Partial<MessengerOptions> = {}): Promise<ProgressEvent | undefined> {
    const controller = new AbortController();
    const { transport } = scripted(...steps);
    const { messenger, events } = messengerOf({ transport, ...options });
    const sending = messenger.send(messageOf(), {
      signal: controller.signal,
      onProgress: (event) => {
        if (when(event)) queueMicrotask(() => controller.abort(reason));
      },
    });
    await expect(sending).rejects.toBe(reason);
    return events.at(-1);
  }

  it('before the first attempt: nothing is sent, delivery no', async () => {
    const { transport, sent } = scripted();
    const { messenger, events } = messengerOf({ transport });

    await expect(messenger.send(messageOf(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(sent).toEqual([]);
    expect(events).toEqual([{ kind: 'delivery', attempt: 0, delivery: 'no' }]);
  });

  it("during the application's own check: nothing is sent, delivery no", async () => {
    const controller = new AbortController();
    const { transport, sent } = scripted();
    const { messenger, events } = messengerOf({ transport, check: forever });
    const sending = messenger.send(messageOf(), { signal: controller.signal });
    controller.abort(reason);

    await expect(sending).rejects.toBe(reason);
    expect(sent).toEqual([]);
    expect(events).toEqual([{ kind: 'delivery', attempt: 0, delivery: 'no' }]);
  });

  it('during an attempt: delivery unknown, even where the transport does not listen', async () => {
    expect(await aborted([forever], ({ kind }) => kind === 'attempt')).toEqual({ kind: 'delivery', attempt: 1, delivery: 'unknown' });
  });

  it('during an attempt, with a reason that is an error of the SDK: no further attempt', async () => {
    const own = new MessagingError('transport.failed', 'given up', { delivery: 'no' });
    const controller = new AbortController();
    const { transport, sent } = scripted(() => {
      controller.abort(own);
      return forever();
    });

    const { messenger, events } = messengerOf({ transport });

    await expect(messenger.send(messageOf(), { signal: controller.signal })).rejects.toBe(own);
    expect(sent).toHaveLength(1);
    expect(events).toEqual([
      { kind: 'attempt', attempt: 1 },
      { kind: 'delivery', attempt: 1, delivery: 'unknown' },
    ]);
  });

  it.each([
    ['what surely did not arrive: delivery no', status(503), 'no', {}],
    ['what may have arrived: delivery unknown', failed('unknown'), 'unknown', { peer: { reliableCacheMinutes: 10 } }],
    ['a transient-error: delivery yes', reply({ code: 'transient-error' }), 'yes', {}],
  ] as const)('while it waits after %s', async (_, step, delivery, options) => {
    const sleep = (_delayMs: number, signal?: AbortSignal): Promise<void> => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));

    expect(await aborted([step], ({ kind }) => kind === 'waiting', { sleep, ...options })).toEqual({ kind: 'delivery', attempt: 1, delivery });
  });

  it('while it waits in a way that does not listen: the next attempt does not begin', async () => {
    const sleep = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

    expect(await aborted([status(503)], ({ kind }) => kind === 'waiting', { sleep })).toEqual({ kind: 'delivery', attempt: 1, delivery: 'no' });
  });

  it('after the reply came: the reply counts', async () => {
    const controller = new AbortController();
    const { messenger } = messengerOf(scripted(reply()));
    const sending = messenger.send(messageOf(), { signal: controller.signal, onProgress: ({ kind }) => kind === 'replied' && controller.abort(reason) });

    expect((await sending).kind).toBe('ok');
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

  it('a check of its own keeps a message here that it finds an error in, with all that it found', async () => {
    const { transport, sent } = scripted();
    const issues = [{ severity: 'warning', code: 'value' }, { severity: 'error', code: 'invariant', rule: 'profile' }] as const;
    const { messenger, events } = messengerOf({ transport, check: async () => issues });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ code: 'message.invalid', delivery: 'no', issues });
    expect(sent).toEqual([]);
    expect(events).toEqual([{ kind: 'delivery', attempt: 0, delivery: 'no' }]);
  });

  it('what a validator says in words stays in the issues: it may quote the record', async () => {
    const issues = [{ severity: 'error', code: 'value', expression: ['Patient.name[0]'], diagnostics: 'MILLER is no name' }] as const;
    const { messenger } = messengerOf({ ...scripted(), check: () => issues.map((issue) => ({ ...issue, expression: [...issue.expression] })) });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ issues, message: 'This is no sound consequence message: value (Patient.name[0])' });
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

  it('an option that is there and undefined changes nothing', () => {
    const message = createMessenger({ transport, source, destination: 'https://b.example' }).create(event, payload, { source: undefined, destination: undefined } as object);

    expect(header(message)).toMatchObject({ source: { endpoint: source }, destination: [{ endpoint: 'https://b.example' }] });
  });

  it('says at once that a source is missing, and how to give one', () => {
    expect(() => createMessenger({ transport }).create(event, payload)).toThrow(new TypeError('messenger.create: a source is missing; give one to createMessenger or here.'));
  });
});
