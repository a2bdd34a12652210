import { memoryPendingStore, r5, readMessage, resendOf } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { destination, replyTo, requestOf, sent } from './async-exchange.ts';
import { messengerTo } from './loopback.ts';

const day = 86_400_000;

/** A request of R5, which is named by its Bundle.identifier. */
function identified(value: string, system: string): Message {
  return readMessage({ ...requestOf({ release: 'R5' }).bundle, identifier: { system, value } });
}

/** A reply of R5 that quotes an identifier. */
function quoting(identifier: object): object {
  const { entry: [header, ...rest] = [], ...bundle } = replyTo(requestOf({ release: 'R5' })).bundle;
  return { ...bundle, entry: [{ ...header, resource: { ...header?.resource, response: { identifier, code: 'ok' } } }, ...rest] };
}

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
