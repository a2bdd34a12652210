import { createReply, memoryPendingStore, MessagingError } from '@fhir-messaging/core';
import type { Message, PendingStore } from '@fhir-messaging/core';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { destination, replyTo, requestOf, sent } from './async-exchange.ts';
import { answer, messageOf, messengerTo, reset } from './loopback.ts';
import { start } from './started.ts';

describe('a pending store', () => {
  it('settles in a new process what an old one sent: the request is read from its bytes', async () => {
    const pending: PendingStore = memoryPendingStore();
    const message = requestOf();
    const old = await sent(message, { pending });
    await Promise.all([old.messenger.close(), expect(old.later).rejects.toMatchObject({ code: 'closed', delivery: 'yes' })]);
    const result = await messengerTo(destination, { pending }).messenger.accept(replyTo(message));

    expect(result).toMatchObject({ kind: 'settled', request: { identity: message.identity, release: 'R4' }, reply: { kind: 'ok', attempts: 1 } });
    expect(result.request?.bytes).toEqual(message.bytes);
  });

  it('has the request before the first attempt leaves', async () => {
    const pending = memoryPendingStore();
    const message = requestOf();
    const found: number[] = [];
    const transport = async () => {
      found.push((await pending.find(message.identity.message!)).length);
      return { custody: true, body: undefined };
    };
    await messengerTo('', { transport, pending }).messenger.send(message, { async: true });

    expect(found).toEqual([1]);
  });

  it('that cannot take the request keeps it from being sent', async () => {
    const fault = new Error('disk full');
    const server = await start(answer(200));
    const { messenger, events } = messengerTo(server.url, { pending: { ...memoryPendingStore(), put: () => Promise.reject(fault) } });

    await expect(messenger.send(requestOf(), { async: true })).rejects.toBe(fault);
    expect(server.requests).toEqual([]);
    expect(events).toEqual([{ kind: 'delivery', attempt: 0, delivery: 'no', unanswered: false }]);
  });

  it('that cannot take a further attempt keeps that from being made, and the error says that the first may have arrived', async () => {
    const memory = memoryPendingStore();
    let puts = 0;
    const full = new MessagingError('storage.unavailable', 'The disk is full.');
    const pending: PendingStore = { ...memory, put: (request) => ((puts += 1) === 1 ? memory.put(request) : Promise.reject(full)) };
    const server = await start(reset);
    const { messenger } = messengerTo(server.url, { pending, peer: { reliableCacheMinutes: 60 } });

    await expect(messenger.send(requestOf(), { async: true })).rejects.toMatchObject({ code: 'storage.unavailable', delivery: 'unknown', attempts: 1 });
    expect(server.requests).toHaveLength(1);
  });

  it('that takes long is waited for, until the send is aborted: nothing is sent', async () => {
    const reason = { why: 'the user left' };
    const controller = new AbortController();
    const put = (): Promise<never> => {
      queueMicrotask(() => controller.abort(reason));
      return new Promise(() => undefined);
    };
    const server = await start(answer(200));
    const { messenger, events } = messengerTo(server.url, { pending: { ...memoryPendingStore(), put } });

    await expect(messenger.send(requestOf(), { async: true, signal: controller.signal })).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
    expect(events).toEqual([{ kind: 'delivery', attempt: 0, delivery: 'no', unanswered: false }]);
  });

  it('that cannot take the reply does not lose it', async () => {
    const message = requestOf();
    const server = await start(answer(200, JSON.stringify(replyTo(message).bundle)));
    const { messenger } = messengerTo(server.url, { pending: { ...memoryPendingStore(), settle: () => Promise.reject(new Error('disk full')) } });

    expect((await messenger.send(message)).kind).toBe('ok');
  });

  it('that never answers does not hold back a reply that is here', async () => {
    vi.useFakeTimers();
    try {
      const message = requestOf();
      const transport = () => Promise.resolve({ status: 200, body: replyTo(message).bytes });
      const { messenger } = messengerTo('', { transport, pending: { ...memoryPendingStore(), settle: () => new Promise(() => undefined) } });
      const sending = messenger.send(message);
      await vi.advanceTimersByTimeAsync(10_000);

      expect((await sending).kind).toBe('ok');
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(['expire', 'put'] as const)('that never ends %s lets nothing leave: storage.unavailable, delivery no', async (method) => {
    vi.useFakeTimers();
    try {
      const transport = vi.fn(() => Promise.resolve({ status: 202, body: undefined }));
      const { messenger } = messengerTo('', { transport, pending: { ...memoryPendingStore(), [method]: () => new Promise(() => undefined) } });
      const rejected = expect(messenger.send(requestOf())).rejects.toMatchObject({ code: 'storage.unavailable', delivery: 'no', attempts: 0 });
      await vi.advanceTimersByTimeAsync(10_000);

      await rejected;
      expect(transport).not.toHaveBeenCalled();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('given one, every message is kept: the other side decides whether it replies at once (exchanging-messaging.html)', async () => {
    const message = requestOf();
    const { messenger, later } = await sent(message, { pending: memoryPendingStore(), transport: () => Promise.resolve({ status: 202, body: undefined }) }, {});
    await messenger.accept(replyTo(message));

    expect((await later).kind).toBe('ok');
  });

  it.each([
    ['a 202', answer(202), {}],
    ['a 204 that the transport takes for custody', answer(204), { accepts: { 204: 'accepted' as const } }],
  ])('without one, a plain send that is answered with %s is kept: "expect a later response"', async (_, step, over) => {
    const message = requestOf();
    const server = await start(step);
    const { messenger } = messengerTo(server.url, {}, over);
    const reply = await messenger.send(message);

    expect(await messenger.accept(replyTo(message))).toMatchObject({ kind: 'settled', request: { identity: message.identity } });
    expect(await messenger.accept(replyTo(message))).toMatchObject({ kind: 'repeated', another: true });
    expect(await (reply.kind === 'accepted' && reply.later)).toMatchObject({ kind: 'ok' });
  });

  it('without one, a reply that comes before the answer to its plain send ends that send', async () => {
    const message = requestOf();
    const server = await start(async (incoming) => {
      await text(incoming);
      expect((await messenger.accept(replyTo(message))).kind).toBe('settled');
      incoming.socket.resetAndDestroy();
    });
    const { messenger } = messengerTo(server.url);

    expect(await messenger.send(message)).toMatchObject({ kind: 'ok' });
  });

  it.each([
    ['refused', 422],
    ['processed', 204],
    ['not answered for certain', 500],
  ])('without one, a plain send that is %s leaves nothing behind', async (_, code) => {
    const message = requestOf();
    const server = await start(answer(code));
    const { messenger } = messengerTo(server.url);
    await messenger.send(message).catch(() => undefined);

    expect((await messenger.accept(replyTo(message))).kind).toBe('unknown');
  });

  it.each([
    ['that wants no reply', messageOf('notification', { destination, header: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: 'never' }] } })],
    ['that is a reply itself', replyTo(requestOf())],
  ])('without one, a plain send of a message %s is not kept when it is taken over', async (_, message) => {
    const server = await start(answer(202));
    const { messenger } = messengerTo(server.url);

    expect(await messenger.send(message)).not.toHaveProperty('later');
    expect((await messenger.accept(createReply(message, { source: destination }))).kind).toBe('unknown');
  });

  it.each([
    ['the first', [0, 1]],
    ['the second', [1, 0]],
  ])('without one, two sends at once of one message with different bytes leave nothing behind, whichever is refused first: %s', async (_, order) => {
    const message = requestOf();
    const refuse: (() => void)[] = [];
    const { messenger } = messengerTo('', { transport: () => new Promise((resolve) => refuse.push(() => resolve({ status: 422, body: undefined }))) });
    const sends = [messenger.send(message)];
    await expect.poll(() => refuse).toHaveLength(1);
    sends.push(messenger.send(message, { responseRequest: 'on-error' }));
    await expect.poll(() => refuse).toHaveLength(2);
    for (const place of order) {
      refuse[place]?.();
      expect((await sends[place])?.kind).toBe('refused');
    }

    expect((await messenger.accept(replyTo(message))).kind).toBe('unknown');
  });

  it.each([
    ['the same reply twice', (message: Message) => [replyTo(message), replyTo(message)], ['settled', 'repeated']],
    ['one to another message first', (message: Message) => [replyTo(requestOf()), replyTo(message)], ['unknown', 'settled']],
  ])('without one, replies that are accepted at once are found while the plain send is under way: %s', async (_, repliesTo, kinds) => {
    const message = requestOf();
    const server = await start(async (incoming) => {
      await text(incoming);
      const results = await Promise.all(repliesTo(message).map((reply) => messenger.accept(reply)));
      expect(results.map(({ kind }) => kind)).toEqual(kinds);
      incoming.socket.resetAndDestroy();
    });
    const { messenger } = messengerTo(server.url);

    expect(await messenger.send(message)).toMatchObject({ kind: 'ok' });
  });

  it.each([false, true])('without one, a reply may quote any id of a plain send, whatever else is sent of that message (async: %s)', async (async) => {
    const message = messageOf('currency', { release: 'R5', destination });
    const answers: ((status: number) => void)[] = [];
    const attempts: Message[] = [];
    const { messenger } = messengerTo('', {
      transport: (outgoing) => {
        attempts.push(outgoing.message);
        return attempts.length === 1 ? Promise.reject(new Error('reset')) : new Promise((resolve) => answers.push((status) => resolve({ status, body: undefined })));
      },
    });
    const plain = messenger.send(message);
    await expect.poll(() => answers).toHaveLength(1);
    const other = messenger.send(message, { async, responseRequest: 'on-error' });
    await expect.poll(() => answers).toHaveLength(2);
    answers[0]?.(202);

    expect(await plain).toMatchObject({ kind: 'accepted' });
    expect(attempts[1]?.identity.ids).not.toEqual(message.identity.ids);
    expect(await messenger.accept(replyTo(attempts[1] ?? message))).toMatchObject({ kind: 'settled' });
    answers[1]?.(422);
    await other;
  });

  it('without one, a reply that came on the connection of one send is no new one for another that is taken over', async () => {
    const message = requestOf();
    const reply = replyTo(message);
    const answers: ((receipt: { status: number; body: Uint8Array<ArrayBuffer> | undefined }) => void)[] = [];
    const { messenger } = messengerTo('', { transport: () => new Promise((resolve) => answers.push(resolve)) });
    const sends = [messenger.send(message), messenger.send(message, { responseRequest: 'on-success' })];
    await expect.poll(() => answers).toHaveLength(2);
    answers[0]?.({ status: 200, body: reply.bytes });
    await sends[0];
    answers[1]?.({ status: 202, body: undefined });
    await sends[1];

    expect((await messenger.accept(reply)).kind).toBe('repeated');
  });

  it.each([true, false])('without one, a send that ends leaves the request of a later one where it is (async: %s)', async (async) => {
    const message = requestOf();
    const answers: ((status: number) => void)[] = [];
    const { messenger } = messengerTo('', { transport: () => new Promise((resolve) => answers.push((status) => resolve({ status, body: undefined }))) });
    const first = messenger.send(message);
    await expect.poll(() => answers).toHaveLength(1);
    await messenger.accept(replyTo(message, { code: 'transient-error' }));
    const second = messenger.send(message, { async, responseRequest: 'on-success' });
    await expect.poll(() => answers).toHaveLength(2);
    answers[0]?.(422);
    await first;
    answers[1]?.(202);
    const accepted = await second;

    expect((await messenger.accept(replyTo(message))).kind).not.toBe('unknown');
    expect(await (accepted.kind === 'accepted' && accepted.later)).toMatchObject({ kind: 'ok' });
  });

  it.each([true, false])('what is answered 204 on its only attempt stays the transient-error that came another way for it (async: %s)', async (async) => {
    const message = requestOf();
    const server = await start(async (incoming, outgoing) => {
      await text(incoming);
      await messenger.accept(replyTo(message, { code: 'transient-error' }));
      outgoing.writeHead(204).end();
    });
    const { messenger } = messengerTo(server.url);

    expect(await messenger.send(message, { async })).toMatchObject({ kind: 'transient-error' });
  });

  it('what is processed is told so, though a transient-error came another way for an earlier attempt (exchanging-messaging.html)', async () => {
    const message = messageOf('notification', { destination });
    const server = await start(async (incoming) => {
      await text(incoming);
      incoming.socket.resetAndDestroy();
    }, async (incoming, outgoing) => {
      await text(incoming);
      await messenger.accept(createReply(message, { source: destination, code: 'transient-error' }));
      outgoing.writeHead(204).end();
    });
    const { messenger } = messengerTo(server.url);

    expect(await messenger.send(message)).toMatchObject({ kind: 'processed' });
  });

  it('without one, a send with async beside a plain one keeps the request that both are of', async () => {
    const message = requestOf();
    const refuse: (() => void)[] = [];
    const { messenger } = messengerTo('', { transport: () => new Promise((resolve) => refuse.push(() => resolve({ status: 422, body: undefined }))) });
    const sends = [messenger.send(message), messenger.send(message, { async: true, responseRequest: 'on-success' })];
    await expect.poll(() => refuse).toHaveLength(2);
    refuse.forEach((end) => end());
    await Promise.all(sends);

    expect((await messenger.accept(replyTo(message))).kind).toBe('settled');
  });

  it('without one, a plain send of a message that was sent with async leaves that where it was', async () => {
    const message = requestOf();
    const server = await start(answer(202), answer(422));
    const { messenger } = messengerTo(server.url);
    await messenger.send(message, { async: true });
    await messenger.accept(replyTo(message));
    await messenger.send(message);

    expect((await messenger.accept(replyTo(message))).kind).toBe('repeated');
  });
});
