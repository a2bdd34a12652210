import { bars, memoryPendingStore, r5, readMessage } from '@fhir-messaging/core';
import type { AcceptResult, createReply, Message, MessageInput } from '@fhir-messaging/core';
import { netsmart } from '@fhir-messaging/netsmart';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { destination, replyTo, requestOf, sent } from './async-exchange.ts';
import { answer, messengerTo, reset } from './loopback.ts';
import type { Step } from './loopback.ts';
import { start } from './started.ts';

const outcome = '{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]}';

describe('asking for an asynchronous exchange (OperationDefinition process-message: async, response-url)', () => {
  it.each([
    ['async', { async: true }, '?async=true'],
    ['a response-url, percent-encoded', { async: true, responseUrl: 'https://app.example.org/in?for=a&b=ü' }, '?async=true&response-url=https%3A%2F%2Fapp.example.org%2Fin%3Ffor%3Da%26b%3D%C3%BC'],
    ['a response-url alone, which asks for async', { responseUrl: 'https://app.example.org/in' }, '?async=true&response-url=https%3A%2F%2Fapp.example.org%2Fin'],
  ])('puts %s on the URL', async (_, how, query) => {
    const server = await start(answer(202));
    await messengerTo(server.url).messenger.send(requestOf(), how);

    expect(server.requests.map(({ url }) => url)).toEqual([`/r4/$process-message${query}`]);
  });

  it.each([
    ['200, empty', answer(200)],
    ['200 with an OperationOutcome', answer(200, outcome)],
    ['202', answer(202)],
  ])('resolves with accepted as soon as custody is taken: %s', async (_, step) => {
    const server = await start(step);
    const { messenger, events } = messengerTo(server.url);

    expect(await messenger.send(requestOf(), { async: true })).toMatchObject({ kind: 'accepted', duplicate: false, attempts: 1 });
    expect(events.map(({ kind }) => kind)).toEqual(['attempt', 'sent', 'accepted']);
  });

  it.each([
    ['a page, such as of a proxy', answer(200, '<html>Sign in</html>')],
    ['broken JSON', answer(200, '{"resourceType":')],
  ])('200 with %s is no custody: reply.invalid', async (_, step) => {
    const server = await start(step);

    await expect(messengerTo(server.url).messenger.send(requestOf(), { async: true })).rejects.toMatchObject({ code: 'reply.invalid', delivery: 'yes' });
  });

  it('a refusal is one', async () => {
    const server = await start(answer(422, outcome));

    expect((await messengerTo(server.url).messenger.send(requestOf(), { async: true })).kind).toBe('refused');
  });

  it('a server that answers at once all the same has answered', async () => {
    const message = requestOf();
    const server = await start(answer(200, JSON.stringify(replyTo(message).bundle)));
    const { messenger } = messengerTo(server.url);

    expect((await messenger.send(message, { async: true })).kind).toBe('ok');
    expect((await messenger.accept(replyTo(message))).kind).toBe('repeated');
  });

  it.each([netsmart, bars])('$name allows none: transport.unsupported, and nothing is sent', async (identity) => {
    const server = await start(answer(200));
    const { messenger } = messengerTo(server.url, { identity });

    for (const how of [{ async: true }, { responseUrl: 'https://app.example.org' }]) {
      await expect(messenger.send(requestOf(), how)).rejects.toMatchObject({ code: 'transport.unsupported', delivery: 'no', message: expect.stringContaining(identity.name) });
    }
    expect(server.requests).toEqual([]);
  });

  it('a message without any id could not be answered: transport.unsupported', async () => {
    const { id: _, entry: [header, ...rest] = [], ...bundle } = requestOf().bundle;
    const { id: __, ...resource } = header!.resource!;
    const message = readMessage({ ...bundle, entry: [{ resource }, ...rest] });

    await expect(messengerTo('http://127.0.0.1:1').messenger.send(message, { async: true })).rejects.toMatchObject({
      code: 'transport.unsupported',
      delivery: 'no',
      message: expect.stringContaining('no id'),
    });
  });

  it('with a responseUrl and async: false is a mistake: nothing is sent, and the progress says so', async () => {
    const server = await start(answer(202));
    const { messenger, events } = messengerTo(server.url);

    await expect(messenger.send(requestOf(), { async: false, responseUrl: 'https://app.example.org' })).rejects.toThrow(TypeError);
    expect(server.requests).toEqual([]);
    expect(events).toEqual([{ kind: 'delivery', attempt: 0, delivery: 'no', unanswered: false }]);
  });
});

describe('a reply that comes later', () => {
  it('settles a request that is sent again at once after an abort, as it would have settled the first', async () => {
    const message = requestOf();
    const controller = new AbortController();
    let begun = false;
    const { messenger } = messengerTo('', { transport: () => (begun ? Promise.resolve({ status: 202, body: undefined }) : ((begun = true), new Promise(() => undefined))) });
    const seen = new Promise<void>((resolve) => {
      const aborted = messenger.send(message, { async: true, signal: controller.signal, onProgress: ({ kind }) => kind === 'attempt' && setImmediate(resolve) });
      aborted.catch(() => undefined);
    });
    await seen;
    controller.abort('gone');
    const reply = await messenger.send(message, { async: true });

    expect((await messenger.accept(replyTo(message))).kind).toBe('settled');
    expect((await (reply.kind === 'accepted' ? reply.later : undefined))?.kind).toBe('ok');
  });

  it.each([
    ['another one', (message: Message) => replyTo(message)],
    ['the same, replayed', (_: Message, before: Message) => before],
  ])('settles a request that is sent again after a transient-error, also where it is %s', async (_, answerTo) => {
    const message = requestOf();
    const { messenger, later } = await sent(message);
    const before = replyTo(message, { code: 'transient-error' });
    await messenger.accept(before);
    expect((await later).kind).toBe('transient-error');
    const again = await messenger.send(message, { async: true });
    const reply = answerTo(message, before);

    expect(await messenger.accept(reply)).toMatchObject({ kind: 'repeated', another: reply !== before });
    expect((await (again.kind === 'accepted' ? again.later : undefined))?.message.identity.message).toBe(reply.identity.message);
  });

  it('is told from one to a request that has the same text as another id', async () => {
    const { entry: [header, ...rest] = [], ...bundle } = requestOf().bundle;
    const withIds = (headerId: string | undefined, bundleId: string): Message =>
      readMessage(JSON.stringify({ ...bundle, id: bundleId, entry: [{ ...header, resource: { ...header?.resource, id: headerId } }, ...rest] }));
    const [first, second] = [withIds('5', 'b1'), withIds(undefined, '5')];
    const { messenger } = await sent(first);
    await messenger.send(second, { async: true });

    expect((await messenger.accept(replyTo(first))).kind).toBe('unknown');
    expect(await messenger.accept(replyTo(withIds('b1', 'b2')))).toMatchObject({ kind: 'settled', request: { bytes: first.bytes } });
  });

  it('posted to the response-url, settles its request: accept says so, and reply.later is the reply', async () => {
    let keep: (result: AcceptResult) => void = () => undefined;
    const accepted = new Promise<AcceptResult>((resolve) => (keep = resolve));
    const inbox = await start(async (incoming, outgoing) => {
      keep(await messenger.accept(await text(incoming), { sender: incoming.headers['x-sender'] as string }));
      outgoing.end();
    });
    const server = await start(async (incoming, outgoing) => {
      const request = readMessage(await text(incoming));
      outgoing.writeHead(202).end();
      const url = new URL(incoming.url!, inbox.url).searchParams.get('response-url')!;
      await fetch(url, { method: 'POST', body: replyTo(request, { focus: [{ resourceType: 'Patient', id: '9' }] }).bytes, headers: { 'x-sender': destination } });
    });
    const { messenger, events } = messengerTo(server.url);
    const message = requestOf();
    const reply = await messenger.send(message, { responseUrl: `${inbox.url}/replies` });
    const later = reply.kind === 'accepted' ? await reply.later : undefined;

    expect(later).toMatchObject({ kind: 'ok', matched: 'MessageHeader.id', matchedByRule: true, http: undefined, attempts: 1 });
    expect(later?.message.graph.all('Patient')).toMatchObject([{ id: '9' }]);
    const result = await accepted;
    expect(result.kind).toBe('settled');
    expect(result.request).toBe(message);
    expect(result.reply).toBe(later);
    expect(events.at(-1)).toEqual({ kind: 'replied', attempt: 1, reply: 'ok' });
  });

  it('is read from text, from bytes, from a value and from a message', async () => {
    const forms: ((reply: ReturnType<typeof createReply>) => MessageInput)[] = [({ bytes }) => new TextDecoder().decode(bytes), ({ bytes }) => bytes, ({ bundle }) => bundle, (reply) => reply];
    for (const form of forms) {
      const message = requestOf();
      const { messenger } = await sent(message);

      expect((await messenger.accept(form(replyTo(message)))).kind).toBe('settled');
    }
  });

  it.each(['transient-error', 'fatal-error'] as const)('says %s as one on the connection does, with its issues', async (code) => {
    const message = requestOf();
    const { messenger, later } = await sent(message);
    await messenger.accept(replyTo(message, { code, issues: [{ severity: 'error', code: 'business-rule' }] }));

    expect(await later).toMatchObject({ kind: code, issues: [{ code: 'business-rule' }] });
  });

  it('may quote the ids of any attempt (R5, where a currency message has another one each time)', async () => {
    const bodies: string[] = [];
    const keep: Step = async (incoming, outgoing) => {
      bodies.push(await text(incoming));
      if (bodies.length === 1) incoming.socket.resetAndDestroy();
      else outgoing.end();
    };
    const server = await start(keep);
    const { messenger } = messengerTo(server.url, { identity: r5 });
    await messenger.send(requestOf({ release: 'R5' }, 'currency'), { async: true });
    const [first, second] = bodies.map((body) => readMessage(body));

    expect(first?.identity.message).not.toBe(second?.identity.message);
    expect((await messenger.accept(replyTo(first!))).kind).toBe('settled');
    expect(await messenger.accept(replyTo(second!))).toMatchObject({ kind: 'repeated', another: true });
  });

  it('that comes while its request is still being sent ends that send', async () => {
    const message = requestOf();
    const server = await start(reset);
    const { messenger } = messengerTo(server.url, {
      peer: { reliableCacheMinutes: 10 },
      sleep: async () => void (await messenger.accept(replyTo(message))),
    });

    expect(await messenger.send(message, { async: true })).toMatchObject({ kind: 'ok', http: undefined });
    expect(server.requests).toHaveLength(1);
  });

  it('that comes when the last attempt fails is the reply of the send', async () => {
    const message = requestOf();
    const server = await start(async (incoming) => {
      await text(incoming);
      await messenger.accept(replyTo(message));
      incoming.socket.resetAndDestroy();
    });
    const { messenger, events } = messengerTo(server.url);

    expect((await messenger.send(message, { async: true })).kind).toBe('ok');
    expect(events.at(-1)).toMatchObject({ kind: 'replied', reply: 'ok' });
    expect(events.filter(({ kind }) => kind === 'delivery')).toEqual([]);
  });

  it.each([409, 204])('that comes during an attempt which is then answered %s without a message is the reply of the send', async (code) => {
    const message = requestOf();
    const server = await start(reset, async (incoming, outgoing) => {
      await text(incoming);
      expect((await messenger.accept(replyTo(message))).kind).toBe('settled');
      outgoing.writeHead(code).end();
    });
    const { messenger } = messengerTo(server.url, { peer: { reliableCacheMinutes: 60 } });

    expect(await messenger.send(message)).toMatchObject({ kind: 'ok', http: undefined });
  });

  it.each(['transient-error', 'fatal-error'] as const)('and comes once more while its request is sent again is no answer to that: a 500 leaves it unknown whether it was processed (%s)', async (code) => {
    const message = requestOf();
    const before = replyTo(message, { code });
    const statuses = [202, 500];
    const { messenger } = messengerTo('', { transport: async () => (await messenger.accept(before), { status: statuses.shift() ?? 0, body: undefined }) });
    expect((await messenger.send(message, { async: true })).kind).toBe('accepted');

    await expect(messenger.send(message, { async: true })).rejects.toMatchObject({ code: 'transport.status', delivery: 'unknown' });
  });

  it('and comes twice during one send is the reply of that send: its copy takes nothing back', async () => {
    const message = requestOf();
    const transient = replyTo(message, { code: 'transient-error' });
    const { messenger } = messengerTo('', { transport: async () => (await messenger.accept(transient), await messenger.accept(transient), { status: 500, body: undefined }) });

    expect(await messenger.send(message, { async: true })).toMatchObject({ kind: 'transient-error' });
  });

  it.each([undefined, memoryPendingStore()])('and is a copy of a transient-error that an attempt of its send got is no answer to the next attempts', async (pending) => {
    const message = requestOf();
    const before = [replyTo(message, { code: 'transient-error' }), replyTo(message, { code: 'transient-error' })];
    const answers = [...before, replyTo(message)];
    const sleep = async (): Promise<void> => {
      for (const reply of before.slice(0, 3 - answers.length)) await messenger.accept(reply);
    };
    const { messenger } = messengerTo('', { pending, sleep, transport: async () => ({ status: 200, body: answers.shift()?.bytes }) });

    expect(await messenger.send(message)).toMatchObject({ kind: 'ok', attempts: 3 });
  });

  it('and is a copy of a transient-error that an attempt got is not the later reply to the next one, which was taken over', async () => {
    const message = requestOf();
    const before = replyTo(message, { code: 'transient-error' });
    const answers = [{ status: 200, body: before.bytes }, { status: 202, body: undefined }];
    const { messenger } = messengerTo('', { sleep: async () => void (await messenger.accept(before)), transport: async () => answers.shift() ?? { status: 500, body: undefined } });
    const reply = await messenger.send(message, { async: true });

    expect(await messenger.accept(replyTo(message))).toMatchObject({ kind: 'settled' });
    expect(await (reply.kind === 'accepted' && reply.later)).toMatchObject({ kind: 'ok' });
  });

  it('and is ok ends the send of its request, though it came before: what was processed stays so', async () => {
    const message = requestOf();
    const before = replyTo(message);
    const statuses = [202, 500];
    const { messenger } = messengerTo('', { transport: async () => (await messenger.accept(before), { status: statuses.shift() ?? 0, body: undefined }) });
    await messenger.send(message, { async: true });

    expect(await messenger.send(message, { async: true })).toMatchObject({ kind: 'ok' });
  });

  it('that comes before its 202 is there as reply.later, and no timer of it is left', async () => {
    vi.useFakeTimers();
    try {
      const message = requestOf();
      const { messenger } = messengerTo('', { transport: async () => (await messenger.accept(replyTo(message)), { status: 202, body: undefined }) });
      const reply = await messenger.send(message, { async: true });

      expect(await (reply.kind === 'accepted' && reply.later)).toMatchObject({ kind: 'ok' });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('and is a copy of an earlier refusal leaves no timer either, where it comes before the 202 to the message that is sent again', async () => {
    vi.useFakeTimers();
    try {
      const message = requestOf();
      const refusal = replyTo(message, { code: 'fatal-error' });
      let sends = 0;
      const { messenger } = messengerTo('', { transport: async () => ((sends += 1) > 1 && (await messenger.accept(refusal)), { status: 202, body: undefined }) });
      await messenger.send(message, { async: true });
      await messenger.accept(refusal);
      const again = await messenger.send(message, { async: true });

      expect(await (again.kind === 'accepted' && again.later)).toMatchObject({ kind: 'fatal-error' });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('to a message whose arrival nobody knew settles it still', async () => {
    const message = requestOf();
    const server = await start(reset);
    const { messenger } = messengerTo(server.url);
    await expect(messenger.send(message, { async: true })).rejects.toMatchObject({ delivery: 'unknown' });

    expect(await messenger.accept(replyTo(message))).toMatchObject({ kind: 'settled', request: { identity: message.identity } });
  });

  it('to the same message, sent by a person once more, reaches both who wait', async () => {
    const message = requestOf();
    const { messenger, later } = await sent(message);
    const again = await messenger.send(message, { async: true });
    await messenger.accept(replyTo(message));

    expect(await later).toBe(again.kind === 'accepted' && (await again.later));
  });
});

describe('waiting for reply.later', () => {
  it("ends with the reason of the send's signal; the request stays, and accept still finds it", async () => {
    const controller = new AbortController();
    const message = requestOf();
    const { messenger, later } = await sent(message, {}, { async: true, signal: controller.signal });
    const reason = { why: 'the user left' };
    controller.abort(reason);

    await expect(later).rejects.toBe(reason);
    expect((await messenger.accept(replyTo(message))).kind).toBe('settled');
  });

  it('ends at the deadline: transport.timeout, delivery yes', async () => {
    vi.useFakeTimers();
    try {
      const { messenger } = messengerTo('', { transport: () => Promise.resolve({ custody: true, body: undefined }), replyWithinMs: 5000 });
      const reply = await messenger.send(requestOf(), { async: true });
      const rejected = expect(reply.kind === 'accepted' && reply.later).rejects.toMatchObject({ code: 'transport.timeout', delivery: 'yes' });
      await vi.advanceTimersByTimeAsync(5000);

      await rejected;
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('sent once more, the deadline is that of the latest', async () => {
    vi.useFakeTimers();
    try {
      const message = requestOf();
      const { messenger } = messengerTo('', { transport: () => Promise.resolve({ custody: true, body: undefined }), replyWithinMs: 5000 });
      const reply = await messenger.send(message, { async: true });
      await vi.advanceTimersByTimeAsync(3000);
      await messenger.send(message, { async: true });
      await vi.advanceTimersByTimeAsync(3000);
      await messenger.accept(replyTo(message));

      expect(await (reply.kind === 'accepted' && reply.later)).toMatchObject({ kind: 'ok' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('sent once more, and under way when the deadline of the first send is over, it begins anew; where it is not taken over, for the first', async () => {
    vi.useFakeTimers();
    try {
      const message = requestOf();
      const answers = [Promise.resolve({ custody: true, body: undefined }), new Promise<{ status: number; body: undefined }>((resolve) => setTimeout(() => resolve({ status: 400, body: undefined }), 4000))];
      const { messenger } = messengerTo('', { transport: () => answers.shift()!, replyWithinMs: 5000 });
      const reply = await messenger.send(message, { async: true });
      await vi.advanceTimersByTimeAsync(3000);
      const again = messenger.send(message, { async: true });
      await vi.advanceTimersByTimeAsync(4000);
      await again;
      await messenger.accept(replyTo(message));

      expect(await (reply.kind === 'accepted' && reply.later)).toMatchObject({ kind: 'ok' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('a deadline further than a timer can hold is not now', async () => {
    vi.useFakeTimers();
    try {
      const message = requestOf();
      const { messenger } = messengerTo('', { transport: () => Promise.resolve({ custody: true, body: undefined }), replyWithinMs: 2 ** 40 });
      const reply = await messenger.send(message, { async: true });
      await vi.advanceTimersByTimeAsync(60_000);
      await messenger.accept(replyTo(message));

      expect(await (reply.kind === 'accepted' && reply.later)).toMatchObject({ kind: 'ok' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('given up with the signal while nobody waits, it troubles nobody', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const controller = new AbortController();
      await sent(requestOf(), {}, { async: true, signal: controller.signal });
      const { messenger } = await sent(requestOf());
      controller.abort();
      await messenger.close();
      await new Promise(setImmediate);

      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });

  it.each([5000, 2 ** 40])('nobody has to, and no timer of it is left when the reply comes (within %s ms)', async (replyWithinMs) => {
    vi.useFakeTimers();
    try {
      const message = requestOf();
      const { messenger } = messengerTo('', { transport: () => Promise.resolve({ custody: true, body: undefined }), replyWithinMs });
      await messenger.send(message, { async: true });
      await messenger.accept(replyTo(message));

      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
