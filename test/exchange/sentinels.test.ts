import { checkMessage, createMessage, createMessenger, createReply, processMessageTransport, readMessage, toIssues } from '@fhir-messaging/core';
import type { Message, Transport } from '@fhir-messaging/core';
import { createReceiver, httpHandler } from '@fhir-messaging/receiver';
import type { Patient } from 'fhir/r4';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { admission, answer, messageOf, messengerTo, reset, resetInBody, silence, source, startServer } from './loopback.ts';
import type { Step } from './loopback.ts';

// A name, a date, an identifier, a narrative and a token that must turn up nowhere but in the message itself.
const planted = ['Sentinelli', '1961-03-14', 'MRN-5551234', 'sentinel narrative', 'sentinel-token'];
const patient: Patient = {
  resourceType: 'Patient',
  name: [{ family: 'Sentinelli' }],
  birthDate: '1961-03-14',
  identifier: [{ value: 'MRN-5551234' }],
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">sentinel narrative</div>' },
};
const headers = { authorization: 'Bearer sentinel-token' };

const secret = (): Message => createMessage(admission(), { Patient: patient }, { source });

/** Everything that a value can show of itself: enumerable or not, its cause, its stack, as JSON. */
const everythingIn = (value: unknown): string => `${inspect(value, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null })} ${JSON.stringify(value)}`;

function expectNothingIn(value: unknown): void {
  const shown = everythingIn(value);
  for (const secretText of planted) expect(shown).not.toContain(secretText);
}

const text = ({ bytes }: Message): string => new TextDecoder().decode(bytes);
const broken = (): string => text(secret()).slice(0, -2);
const withoutHeader = (): string => JSON.stringify({ resourceType: 'Bundle', type: 'message', entry: secret().bundle.entry?.slice(1) });
const withTooMany = (): string => JSON.stringify({ ...secret().bundle, entry: [...(secret().bundle.entry ?? []), { fullUrl: 'urn:uuid:5b1c4a1e-1111-4d5c-9a53-0f3f0d0f0f0f', resource: patient }] });

describe('no patient data and no token (CONTRIBUTING: rules, paths, types, counts and message ids)', () => {
  it('in the errors and issues of writing, reading and checking', () => {
    const attempts = [
      () => createMessage(admission(), { Patient: [patient, patient] } as never, { source }),
      () => readMessage(broken()),
      () => readMessage(withoutHeader()),
      () => readMessage(withTooMany(), { event: admission() }),
      () => readMessage(text(secret()), { limits: { maxEntries: 1 } }),
      () => createReply(secret(), { source, code: 'ok', issues: [{ severity: 'error', code: 'processing' }], focus: [patient] }),
    ];
    for (const attempt of attempts) {
      expect(attempt).toThrow();
      try {
        attempt();
      } catch (error) {
        expectNothingIn(error);
        expectNothingIn(toIssues(error));
      }
    }
    for (const input of [broken(), withoutHeader(), withTooMany()]) expectNothingIn(checkMessage(input, { event: admission() }));
  });

  it.each<[string, Step]>([
    ['a reset', reset],
    ['a reset in the reply', resetInBody(200)],
    ['a timeout', silence],
    ['503', answer(503)],
    ['502 with a page', answer(502, '<html></html>')],
    ['an empty 200', answer(200)],
    ['broken JSON that quotes the patient', answer(200, broken())],
    ['the request itself in place of a reply', (incoming, outgoing) => void incoming.pipe(outgoing.writeHead(200))],
    ['the reply to another request', answer(200, text(createReply(messageOf(), { source, focus: [patient] })))],
  ])('in the error and the events of a send that meets %s', async (_, step) => {
    const server = await startServer(step);
    try {
      const { messenger, events } = messengerTo(server.url, { timeoutMs: 200, retry: { maxAttempts: 2 } }, { headers });
      const error: unknown = await messenger.send(secret()).catch((thrown: unknown) => thrown);

      expect(error).toMatchObject({ name: 'MessagingError' });
      expectNothingIn(error);
      expectNothingIn(events);
    } finally {
      await server.stop();
    }
  });

  it('in the error about headers that cannot be written', async () => {
    const transport: Transport = processMessageTransport({ baseUrl: 'http://127.0.0.1:1', headers: { authorization: 'Bearer sentinel-token\n' + 'x' } });
    const error: unknown = await createMessenger({ transport, retry: { maxAttempts: 1 } }).send(secret()).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'transport.failed', delivery: 'no' });
    expectNothingIn(error);
  });

  it.each([
    ['breaks off HTTP in the reply', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n"Sentinelli"\r\n'],
    ['has a header that is none', 'HTTP/1.1 200 OK\r\nset-cookie sentinel-token\r\n\r\n'],
    ['is no HTTP', 'Sentinelli'],
  ])('in the error about an answer that %s: the platform quotes it', async (_, text) => {
    const server = createServer((socket) => socket.on('error', () => undefined).once('data', () => void socket.end(text)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const { messenger } = messengerTo(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`, { retry: { maxAttempts: 1 } }, { headers });
    const error: unknown = await messenger.send(secret()).catch((thrown: unknown) => thrown);
    server.close();

    expect(error).toMatchObject({ code: 'transport.failed', delivery: 'unknown' });
    expectNothingIn(error);
  });

  it('in the error about an address with credentials', async () => {
    const error: unknown = await Promise.resolve({ baseUrl: 'http://app:sentinel-token@127.0.0.1:1/r4' }).then(processMessageTransport).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(TypeError);
    expectNothingIn(error);
  });

  it('in the events and errors of an asynchronous exchange, and of replies that are taken', async () => {
    const { messenger, events } = messengerTo('', { transport: () => Promise.resolve({ custody: true, body: undefined }), source }, { headers });
    const [message, other] = [secret(), secret()];
    const [taken, waiting] = [await messenger.send(message, { async: true }), await messenger.send(other, { async: true })];
    await messenger.accept(createReply(message, { source, focus: [patient], issues: [{ severity: 'warning', code: 'processing', diagnostics: 'sentinel narrative' }] }));
    const errors = [broken(), withoutHeader(), secret()].map((input) => messenger.accept(input).catch((error: unknown) => error));
    await messenger.close();
    errors.push(Promise.resolve(waiting.kind === 'accepted' && waiting.later).catch((error: unknown) => error));

    expect(taken.kind).toBe('accepted');
    for (const error of await Promise.all(errors)) {
      expect(error).toMatchObject({ name: 'MessagingError' });
      expectNothingIn(error);
    }
    expect(events.map(({ kind }) => kind)).toContain('replied');
    expectNothingIn(events);
  });

  it('in the body and headers of any error that a receiver answers', async () => {
    const fhir = { 'content-type': 'application/fhir+json', ...headers };
    const post = (body: BodyInit, more: Record<string, string> = {}, url = 'https://ward.example.org'): Request => new Request(url, { method: 'POST', body, headers: { ...fhir, ...more } });
    const known = secret();
    const changed = text(known).replace('1961-03-14', '1961-03-15');
    const failing = createReceiver({ source }).on(admission(), ({ payload }) => Promise.reject(new Error(payload.Patient.name?.[0]?.family)));
    const receiver = createReceiver({ source }).on(admission(), () => undefined);
    await receiver.process(known.bytes);
    const handler = httpHandler(receiver);
    const answers = [
      [400, handler(post(broken()))],
      [400, handler(post(withoutHeader()))],
      [401, httpHandler(receiver, { authenticate: () => undefined })(post(text(known)))],
      [405, handler(new Request('https://ward.example.org', { method: 'PUT', body: text(known), headers: fhir }))],
      [406, handler(post(text(known), { accept: 'text/html' }))],
      [409, handler(post(changed))],
      [413, httpHandler(receiver, { limits: { maxBytes: 100 } })(post(text(known)))],
      [415, handler(post(text(known), { 'content-type': 'text/xml' }))],
      [422, handler(post(withTooMany()))],
      [422, handler(post(text(known), {}, 'https://ward.example.org?async=true'))],
      [422, httpHandler(createReceiver({ source }))(post(text(known)))],
      [422, handler(post(text(createReply(known, { source, focus: [patient] }))))],
      [500, httpHandler(failing)(post(text(secret())))],
    ] as const;
    for (const [status, answering] of answers) {
      const response = await answering;

      expect(response.status).toBe(status);
      expectNothingIn([await response.text(), [...response.headers]]);
    }
  });

  it('the search for them finds what is there', () => {
    expect(() => expectNothingIn(new Error('outer', { cause: new Error('Sentinelli') }))).toThrow();
    expect(() => expectNothingIn({ deep: { bytes: 'sentinel-token' } })).toThrow();
  });
});
