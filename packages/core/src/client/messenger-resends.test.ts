import { describe, expect, it, vi } from 'vitest';
import { readMessage } from '../message/read-message.ts';
import { memoryPendingStore } from '../exchange/memory-pending-store.ts';
import type { PendingStore } from '../exchange/pending-store.ts';
import type { Outgoing, Receipt } from '../exchange/transport.ts';
import { createMessenger } from './messenger.ts';
import { failed, messageOf, messengerOf, reply, scripted, status } from '../../test/scripted.ts';

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
      { kind: 'waiting', attempt: 2, delayMs: 250, untilMs: 250, unanswered: false, code: 'transport.status' },
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

  it('goes where it went before, though the options have another transport by then', async () => {
    const [first, other] = [scripted(status(503), reply()), scripted(reply())];
    const options = { transport: first.transport, sleep: async () => void (options.transport = other.transport) };

    expect(await createMessenger(options).send(messageOf())).toMatchObject({ kind: 'ok', attempts: 2 });
    expect([first.sent.length, other.sent.length]).toEqual([2, 0]);
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

  it('a machine that was suspended in a wait sends nothing that the peer may have forgotten meanwhile: delivery unknown', async () => {
    const { transport, sent } = scripted(failed('unknown'), reply());
    let time = 0;
    const { messenger, events } = messengerOf({ transport, peer: { reliableCacheMinutes: 10 }, now: () => time, sleep: async () => void (time += 2 * 3_600_000), retry: { maxTotalMs: 24 * 3_600_000 } });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ code: 'transport.failed', delivery: 'unknown', attempts: 1 });
    expect(sent).toHaveLength(1);
    expect(events.map(({ kind }) => kind)).toEqual(['attempt', 'waiting', 'delivery']);
  });

  it('nor anything past the total time, though it surely did not arrive', async () => {
    const { transport, sent } = scripted(status(503), reply());
    let time = 0;
    const { messenger } = messengerOf({ transport, now: () => time, sleep: async () => void (time += 3_600_000) });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ code: 'transport.status', delivery: 'no', attempts: 1 });
    expect(sent).toHaveLength(1);
  });

  it('ends within the total time: no wait reaches past it, and the last attempt is cut to what is left', async () => {
    vi.useFakeTimers();
    try {
      const { transport, sent } = scripted(status(503, { 'retry-after': '5' }), () => new Promise(() => undefined));
      const sending = createMessenger({ transport, retry: { maxTotalMs: 8000 } }).send(messageOf());
      const rejected = expect(sending).rejects.toMatchObject({ code: 'transport.timeout', message: 'No answer within 3000 ms.', attempts: 2 });
      await vi.advanceTimersByTimeAsync(8000);

      await rejected;
      expect(sent).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('counts from the first attempt: what a check takes before it is not its time', async () => {
    let time = 0;
    const check = async () => ((time += 60_000), []);
    const { transport } = scripted(reply());

    expect(await messengerOf({ transport, check, now: () => time, retry: { maxTotalMs: 50_000 } }).messenger.send(messageOf())).toMatchObject({ kind: 'ok' });
  });

  it.each([0, NaN, -1])('sends nothing in no time (timeoutMs: %s)', async (timeoutMs) => {
    const { transport, sent } = scripted(reply());

    await expect(messengerOf({ transport, timeoutMs }).messenger.send(messageOf())).rejects.toMatchObject({ code: 'transport.timeout', delivery: 'no', attempts: 0 });
    expect(sent).toHaveLength(0);
  });

  it('by default it never takes less than one attempt may', async () => {
    vi.useFakeTimers();
    try {
      const sending = createMessenger({ ...scripted(() => new Promise(() => undefined)), timeoutMs: 600_000 }).send(messageOf());
      const rejected = expect(sending).rejects.toMatchObject({ message: 'No answer within 600000 ms.' });
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

  it('a transient-error, then nobody there: the last event says that no attempt is unanswered', async () => {
    const { messenger, events } = messengerOf({ ...scripted(reply({ code: 'transient-error' }), failed('no')), retry: { maxAttempts: 2 } });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ code: 'transport.failed', attempts: 2 });
    expect(events.filter(({ kind }) => kind === 'waiting' || kind === 'delivery')).toMatchObject([{ unanswered: false }, { delivery: 'unknown', unanswered: false }]);
  });

  it('gives up with the last error and what is known of all attempts', async () => {
    const { transport } = scripted(status(503), status(503), status(429), status(503));

    await expect(messengerOf({ transport }).messenger.send(messageOf())).rejects.toMatchObject({ code: 'transport.status', status: 503, delivery: 'no', attempts: 4 });
  });
});

describe('createMessenger: a consequence that may have arrived', () => {
  it.each([
    ['connection', failed('unknown'), 'transport.failed'],
    ['timeout', failed('unknown', 'transport.timeout'), 'transport.timeout'],
    ['500', status(500), 'transport.status'],
    ['502', status(502), 'transport.status'],
  ])('stops with delivery unknown after %s', async (_, step, code) => {
    const { transport, sent } = scripted(step);
    const { messenger, events } = messengerOf({ transport });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ delivery: 'unknown', attempts: 1 });
    expect(sent).toHaveLength(1);
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'unknown', unanswered: true, code });
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

  it('is not sent again where it has no id that the peer could recognise it by, whatever cache that has', async () => {
    const { bundle } = messageOf();
    const [first, ...rest] = bundle.entry ?? [];
    const header = { fullUrl: 'https://app.example.org/fhir/MessageHeader/1', resource: { ...first?.resource, id: undefined } };
    const nameless = readMessage(JSON.stringify({ ...bundle, id: undefined, entry: [header, ...rest] }));
    const { transport, sent } = scripted(failed('unknown'), reply());

    await expect(messengerOf({ transport, peer: { reliableCacheMinutes: 10 } }).messenger.send(nameless)).rejects.toMatchObject({ delivery: 'unknown', attempts: 1 });
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['is kept again in a store that is slow', 120_000],
    ['waited, and the clock was set back meanwhile', -3_600_000],
  ])('is not sent again once that time is over while it %s', async (_, goesByMs) => {
    let time = 10_000_000;
    const { transport, sent } = scripted(failed('unknown'), reply());
    const pending = memoryPendingStore();
    const put: PendingStore['put'] = async (request) => {
      if (request.attempts === 2) time += goesByMs;
      await pending.put(request);
    };
    const { messenger } = messengerOf({ transport, peer: { reliableCacheMinutes: 1 }, pending: { ...pending, put }, now: () => time });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ delivery: 'unknown', attempts: 1 });
    expect(sent).toHaveLength(1);
  });

  it('is not sent again where the clock was set back by more than that time, however long the answer asks to wait', async () => {
    let time = 10_000_000;
    const { transport, sent } = scripted(() => {
      time -= 70_000;
      return status(500, { 'retry-after': '20' });
    }, reply());
    const { messenger } = messengerOf({ transport, peer: { reliableCacheMinutes: 1 }, now: () => time, sleep: async (delayMs) => void (time += delayMs) });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ delivery: 'unknown', attempts: 1 });
    expect(sent).toHaveLength(1);
  });

  it('has no longer for its attempt than the peer surely recognises it: what leaves late, such as after the token was renewed, is aborted', async () => {
    vi.useFakeTimers();
    try {
      const { transport, sent } = scripted(failed('unknown', 'transport.timeout'), () => new Promise(() => undefined));
      let time = 0;
      const sending = createMessenger({ transport, peer: { reliableCacheMinutes: 1 }, now: () => time, sleep: async () => void (time += 55_000), timeoutMs: 30_000 }).send(messageOf());
      const rejected = expect(sending).rejects.toMatchObject({ message: 'No answer within 5000 ms.', delivery: 'unknown', attempts: 2 });
      await vi.advanceTimersByTimeAsync(5000);

      await rejected;
      expect(sent[1]?.signal.aborted).toBe(true);
    } finally {
      vi.useRealTimers();
    }
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
