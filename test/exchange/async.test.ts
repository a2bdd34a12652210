import { bars, createReply, memoryPendingStore, MessagingError, r5, readMessage, resendOf } from '@fhir-messaging/core';
import type { AcceptResult, Message, MessageInput, MessengerOptions, PendingStore, ReplyContent, SendOptions } from '@fhir-messaging/core';
import { netsmart } from '@fhir-messaging/netsmart';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { answer, messageOf, messengerTo, reset } from './loopback.ts';
import type { Step } from './loopback.ts';
import { start } from './started.ts';

const destination = 'https://b.example/fhir';
const requestOf = (options: Parameters<typeof messageOf>[1] = {}, category?: Parameters<typeof messageOf>[0]): Message => messageOf(category, { destination, ...options });
const replyTo = (request: Message, content: ReplyContent = {}): ReturnType<typeof createReply> => createReply(request, { source: destination, ...content });
/** A request of R5, which is named by its Bundle.identifier. */
function identified(value: string, system: string): Message {
  return readMessage({ ...requestOf({ release: 'R5' }).bundle, identifier: { system, value } });
}

/** A reply of R5 that quotes an identifier. */
function quoting(identifier: object): object {
  const { entry: [header, ...rest] = [], ...bundle } = replyTo(requestOf({ release: 'R5' })).bundle;
  return { ...bundle, entry: [{ ...header, resource: { ...header?.resource, response: { identifier, code: 'ok' } } }, ...rest] };
}

const outcome = '{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]}';
const day = 86_400_000;

/** Sends asynchronously to a server that takes custody, and gives what came of it. */
async function sent(message: Message, options: Partial<MessengerOptions> = {}, how: SendOptions = { async: true }) {
  const server = await start(answer(200));
  const made = messengerTo(server.url, options);
  const reply = await made.messenger.send(message, how);
  if (reply.kind !== 'accepted' || reply.later === undefined) throw new TypeError('a reply should come later');
  return { ...made, server, later: reply.later };
}

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

describe('several, late, repeated and unknown replies: each is reported, none lost', () => {
  it('the same reply again: repeated', async () => {
    const message = requestOf();
    const { messenger } = await sent(message);
    const reply = replyTo(message);
    await messenger.accept(reply);

    expect(await messenger.accept(reply)).toMatchObject({ kind: 'repeated', another: false, request: { identity: message.identity }, reply: { kind: 'ok' } });
  });

  it('another reply to the same request: repeated, and said to be another', async () => {
    const message = requestOf();
    const { messenger, later } = await sent(message);
    const [first, second] = [replyTo(message), replyTo(message, { code: 'fatal-error' })];
    await messenger.accept(first);

    expect(await messenger.accept(second)).toMatchObject({ kind: 'repeated', another: true, reply: { kind: 'fatal-error' } });
    expect(await messenger.accept(second)).toMatchObject({ kind: 'repeated', another: false });
    expect((await later).kind).toBe('ok');
  });

  it('many at once: one settles', async () => {
    const message = requestOf();
    const { messenger } = await sent(message);
    const kinds = await Promise.all(Array.from({ length: 10 }, () => messenger.accept(replyTo(message)).then(({ kind }) => kind)));

    expect(kinds.toSorted()).toEqual([...Array.from({ length: 9 }, () => 'repeated'), 'settled']);
  });

  it('after the deadline: late; when the request is forgotten: unknown', async () => {
    let time = 0;
    const now = (): number => time;
    const [message, other] = [requestOf(), requestOf()];
    const { messenger } = await sent(message, { now });
    time = day + 1;

    expect(await messenger.accept(replyTo(message))).toMatchObject({ kind: 'late', request: { identity: message.identity }, reply: { kind: 'ok' } });
    time = 2 * day + 1;
    await messenger.send(other, { async: true });

    expect(await messenger.accept(replyTo(message))).toMatchObject({ kind: 'unknown', reply: { kind: 'ok', matched: undefined } });
  });

  it('how long is an option', async () => {
    let time = 0;
    const message = requestOf();
    const { messenger } = await sent(message, { now: () => time, replyWithinMs: 1000 });
    time = 1000;
    const [reply, another] = [replyTo(message), replyTo(message)];

    expect((await messenger.accept(reply)).kind).toBe('settled');
    time = 1001;
    expect((await messenger.accept(another)).kind).toBe('repeated');
  });

  it('to a request of somebody else: unknown, with the reply', async () => {
    const { messenger } = await sent(requestOf());
    const result = await messenger.accept(replyTo(requestOf(), { focus: [{ resourceType: 'Patient', id: '9' }] }));

    expect(result).toMatchObject({ kind: 'unknown', reply: { kind: 'ok', attempts: 0 } });
    expect(result.reply.message.graph.all('Patient')).toMatchObject([{ id: '9' }]);
  });

  it('that two requests could have asked for: unknown, since a guess could be the wrong person', async () => {
    const pending = memoryPendingStore();
    const messages = ['https://a.example', 'https://b.example'].map((system) => identified('order-7', system));
    for (const message of messages) await sent(message, { pending });

    expect((await messengerTo(destination, { pending }).messenger.accept(quoting({ value: 'order-7' }))).kind).toBe('unknown');
  });

  it('that quotes the header of a message which was sent again under a fresh Bundle.identifier, as R5 has it for a currency: to the latest of them', async () => {
    const pending = memoryPendingStore();
    const first = requestOf({ release: 'R5' }, 'currency');
    const [second, third] = [4, 5].map((place) => resendOf(first, 'new-message', () => `5b1c4a1e-000${place}-4d5c-9a53-0f3f0d0f0f0f`)) as [Message, Message];
    for (const [sentAtMs, message] of [[1, first], [3, third], [2, second]] as const) await sent(message, { pending, now: () => sentAtMs });
    const { messenger } = messengerTo(destination, { pending, now: () => 4 });
    const reply = quoting({ value: first.graph.header?.id });

    expect(await messenger.accept(reply)).toMatchObject({ kind: 'settled', request: { identity: third.identity } });
    expect(await messenger.accept(reply)).toMatchObject({ kind: 'repeated', another: false });
    expect(await messenger.accept(replyTo(second))).toMatchObject({ kind: 'settled', request: { identity: second.identity } });
  });

  it('that quotes a header which two requests of other content have: unknown, since a system may give all its messages the same', async () => {
    const pending = memoryPendingStore();
    const first = requestOf({ release: 'R5' });
    const text = JSON.stringify(first.bundle).replaceAll(first.identity.message!, 'urn:uuid:5b1c4a1e-0006-4d5c-9a53-0f3f0d0f0f0f').replace('"Patient"', '"Patient","active":false');
    for (const message of [first, readMessage(text)]) await sent(message, { pending });

    expect((await messengerTo(destination, { pending }).messenger.accept(quoting({ value: first.graph.header?.id }))).kind).toBe('unknown');
  });

  it('that quotes a header which is no UUID, and that two requests have: unknown', async () => {
    const pending = memoryPendingStore();
    for (const value of ['order-7', 'order-8']) {
      const { entry: [header, ...rest] = [], ...bundle } = identified(value, 'https://a.example').bundle;
      await sent(readMessage({ ...bundle, entry: [{ ...header, resource: { ...header?.resource, id: 'header-7' } }, ...rest] }), { pending });
    }

    expect((await messengerTo(destination, { pending }).messenger.accept(quoting({ value: 'header-7' }))).kind).toBe('unknown');
  });

  it('an identifier of another system is another one', async () => {
    const pending = memoryPendingStore();
    const [ours, theirs] = [identified('order-7', 'https://a.example'), identified('order-7', 'https://b.example')];
    for (const message of [ours, theirs]) await sent(message, { pending });
    const { messenger } = messengerTo(destination, { pending });

    expect(await messenger.accept(quoting({ system: 'https://a.example', value: 'order-7' }))).toMatchObject({ kind: 'settled', request: { bundle: { id: ours.bundle.id } } });
    expect(await messenger.accept(quoting({ system: 'https://b.example', value: 'order-7' }))).toMatchObject({ kind: 'settled', request: { bundle: { id: theirs.bundle.id } } });
    expect((await messenger.accept(quoting({ system: 'https://c.example', value: 'order-7' }))).kind).toBe('unknown');
  });

  it.each([
    ['R4', (id: string) => id.toUpperCase()],
    ['R4', (id: string) => `urn:uuid:${id}`],
    ['R5', (id: string) => id.replace('urn:uuid:', '')],
    ['R5', (id: string) => id.toUpperCase().replace('URN:UUID:', 'urn:uuid:')],
  ] as const)('%s: a UUID is the same with or without its URN, and in any case', async (release, written) => {
    const message = requestOf({ release });
    const { messenger } = await sent(message);
    const id = message.identity.message!;
    const reply = JSON.stringify(replyTo(message).bundle).replace(id, written(id));

    expect(reply).toContain(written(id));
    expect((await messenger.accept(reply)).kind).toBe('settled');
  });

  it.each([
    ['no reply', () => requestOf().bytes],
    ['no message', () => '{"resourceType":"Bundle","type":"searchset"}'],
    ['no JSON', () => '{"resourceType":'],
  ])('what is %s is no reply: reply.invalid', async (_, input) => {
    await expect(messengerTo(destination).messenger.accept(input())).rejects.toMatchObject({ code: 'reply.invalid' });
  });
});

describe("who may reply (response-url and source are the caller's own)", () => {
  it('a reply of another party than the destination is refused, and the request still waits', async () => {
    const message = requestOf();
    const { messenger } = await sent(message);

    expect(await messenger.accept(replyTo(message), { sender: 'https://evil.example/fhir' })).toMatchObject({ kind: 'refused', request: { identity: message.identity } });
    expect((await messenger.accept(replyTo(message), { sender: destination })).kind).toBe('settled');
  });

  it.each([
    ['any of several destinations', ['https://b.example/fhir', 'https://c.example/fhir'], 'https://c.example/fhir', 'settled'],
    ['the address with or without its operation', 'https://b.example/fhir/$process-message#order', 'https://b.example/fhir/', 'settled'],
    ['the address with its host in other letters, and its default port', 'HTTPS://B.example/fhir', 'https://b.example:443/fhir', 'settled'],
    ['the address with its path in other letters', 'https://b.example/fhir', 'https://b.example/FHIR', 'refused'],
    ['the address with another port', 'https://b.example/fhir', 'https://b.example:80/fhir', 'refused'],
    ['the address with a user', 'https://b.example/fhir', 'https://b.example@evil.example/fhir', 'refused'],
    ['no address that could be', 'https://b.example:99999/fhir', 'https://b.example:99999/fhir', 'settled'],
    ['the address as a part of another', 'https://b.example/fhir', 'https://b.example/fhir2', 'refused'],
    ['another host of the same beginning', 'https://b.example', 'https://b.example.evil.example', 'refused'],
    ['a logical address', 'urn:oid:1.2.3', 'urn:oid:1.2.3', 'settled'],
  ] as const)('%s', async (_, to, sender, kind) => {
    const message = requestOf({ destination: to });
    const { messenger } = await sent(message);
    const result = await messenger.accept(replyTo(message), { sender });

    expect(result).toMatchObject({ kind, ...(kind === 'settled' && { isFromDestination: true }) });
  });

  it.each([
    ['a request without a destination: anybody may', undefined, 'https://anybody.example'],
    ['a sender that is not known', destination, undefined],
  ])('%s reply, and the result says that nobody vouches for it', async (_, to, sender) => {
    const message = requestOf({ destination: to });
    const { messenger } = await sent(message);
    const reply = replyTo(message);

    expect(await messenger.accept(reply, { sender })).toMatchObject({ kind: 'settled', isFromDestination: false });
    expect(await messenger.accept(reply, { sender })).toMatchObject({ kind: 'repeated', isFromDestination: false });
  });

  it.each([[[]], [[{ endpointUrl: 'https://c.example/fhir' }]]])('R5: one that is named by a reference may be anybody (beside %j): nobody is refused, and nobody vouched for', async (others) => {
    const message = requestOf({ release: 'R5', destination: [{ endpointReference: { identifier: { value: 'd' } } }, ...others] });
    const { messenger } = await sent(message, { identity: r5 });

    expect(await messenger.accept(replyTo(message), { sender: destination })).toMatchObject({ kind: 'settled', isFromDestination: false });
  });

  it('R5: the destination is an endpointUrl', async () => {
    const message = requestOf({ release: 'R5' });
    const { messenger } = await sent(message, { identity: r5 });

    expect((await messenger.accept(replyTo(message), { sender: 'https://evil.example' })).kind).toBe('refused');
    expect((await messenger.accept(replyTo(message), { sender: destination })).kind).toBe('settled');
  });
});

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
    await vi.waitFor(() => expect(refuse).toHaveLength(1));
    sends.push(messenger.send(message, { responseRequest: 'on-error' }));
    await vi.waitFor(() => expect(refuse).toHaveLength(2));
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
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    const other = messenger.send(message, { async, responseRequest: 'on-error' });
    await vi.waitFor(() => expect(answers).toHaveLength(2));
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
    await vi.waitFor(() => expect(answers).toHaveLength(2));
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
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    await messenger.accept(replyTo(message, { code: 'transient-error' }));
    const second = messenger.send(message, { async, responseRequest: 'on-success' });
    await vi.waitFor(() => expect(answers).toHaveLength(2));
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
    await vi.waitFor(() => expect(refuse).toHaveLength(2));
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
