import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { MessagingError } from '../errors.ts';
import { defineEvent } from '../event/define-event.ts';
import { createMessage } from '../message/create-message.ts';
import { processMessageTransport } from './process-message-transport.ts';
import type { HeadersContext, ProcessMessageTransportOptions } from './process-message-transport.ts';
import type { Outgoing, Receipt } from './transport.ts';

const event = defineEvent({
  coding: { system: 'https://example.org/events', code: 'admit' },
  category: 'notification',
  focus: ['Patient'],
  payload: { Patient: '1..1' },
});
const message = createMessage(event, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
const baseUrl = 'https://fhir.example.org/r4';

/** A fetch that keeps what it is asked, and answers from a list. */
function scripted(...answers: (Response | Error)[]): { fetch: typeof fetch; asked: { url: string; init: RequestInit; headers: Headers }[] } {
  const asked: { url: string; init: RequestInit; headers: Headers }[] = [];
  const fetch: typeof globalThis.fetch = (url, init = {}) => {
    asked.push({ url: url instanceof Request ? url.url : url.toString(), init, headers: new Headers(init.headers) });
    const answer = answers.shift() ?? new Error('the script has run out');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { fetch, asked };
}

function send(options: Partial<ProcessMessageTransportOptions>, outgoing: Partial<Outgoing> = {}): Promise<Receipt> {
  return processMessageTransport({ baseUrl, ...options })({ bytes: message.bytes, message, attempt: 1, signal: new AbortController().signal, ...outgoing });
}

/** A body that gives its chunks and then does what it is told. */
function body(chunks: readonly string[], end: (controller: ReadableStreamDefaultController<Uint8Array>) => void): ReadableStream<Uint8Array> {
  const rest = [...chunks];
  return new ReadableStream({
    pull(controller) {
      const chunk = rest.shift();
      if (chunk === undefined) end(controller);
      else controller.enqueue(new TextEncoder().encode(chunk));
    },
  });
}

const text = ({ body: bytes }: Receipt): string => new TextDecoder().decode(bytes);

describe('processMessageTransport', () => {
  it('posts the very bytes of the message to $process-message, as FHIR JSON, following no redirect', async () => {
    const { fetch, asked } = scripted(new Response('{}'));
    await send({ fetch });

    expect(asked[0]).toMatchObject({ url: `${baseUrl}/$process-message`, init: { method: 'POST', redirect: 'manual' } });
    expect(asked[0]?.init.body).toBe(message.bytes);
    expect([...(asked[0]?.headers ?? [])]).toEqual([
      ['accept', 'application/fhir+json'],
      ['content-type', 'application/fhir+json'],
    ]);
  });

  it.each([undefined, '', 'localhost:8080', 'ftp://fhir.example.org', 'file:///r4', 'http:r4', 'https://user:s3cret@fhir.example.org/r4', 'https://user@fhir.example.org'])('says at once that no request can go to %s, and does not quote it', (baseUrl) => {
    // @ts-expect-error: undefined, as an environment variable that is not set.
    expect(() => processMessageTransport({ baseUrl })).toThrow(new TypeError('processMessageTransport: give an http(s) URL without userinfo, such as https://fhir.example.org/r4.'));
  });

  it.each(['HTTPS://fhir.example.org/r4', 'https://fhir.example.org:8443', 'https://fhir.example.org?tenant=a@b', 'https://fhir.example.org/r4/a@b'])('takes %s', (baseUrl) => {
    expect(() => processMessageTransport({ baseUrl })).not.toThrow();
  });

  it('takes a base that begins with / everywhere: the module of a page may be loaded on a server too', () => {
    expect(() => processMessageTransport({ baseUrl: '/fhir' })).not.toThrow();
  });

  it.each(['https://', 'https:///fhir/r4', 'https:/fhir', 'http:fhir', 'https://?x', ' https:///fhir', 'https://a@b', 'ht\ttps:///fhir'])('takes %j for no relative base, even with a fetch of its own: WHATWG reads the first part of its path as the host', (baseUrl) => {
    expect(() => processMessageTransport({ baseUrl, fetch })).toThrow(TypeError);
  });

  it('takes any other base that is relative to the page in a page alone', () => {
    const baseUrl = 'fhir.example.org/r4';
    expect(() => processMessageTransport({ baseUrl })).toThrow(TypeError);
    vi.stubGlobal('location', new URL('https://app.example.org'));
    onTestFinished(() => void vi.unstubAllGlobals());

    expect(() => processMessageTransport({ baseUrl })).not.toThrow();
  });

  it("works where URL has no canParse, as in a page with fhirclient's browser build", async () => {
    class Polyfill extends URL {}
    Object.defineProperty(Polyfill, 'canParse', { value: undefined });
    vi.stubGlobal('URL', Polyfill);
    onTestFinished(() => void vi.unstubAllGlobals());
    const { fetch, asked } = scripted(new Response(null, { status: 307, headers: { location: '/there' } }), new Response('{}'));

    expect((await send({ fetch, redirectOrigins: ['https://other.example.org'] })).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  it('takes a relative base for a fetch that is given, as the `request` of an app under test: it may take one', async () => {
    const { fetch, asked } = scripted(new Response('{}'));
    await send({ baseUrl: '/fhir', fetch });

    expect(asked[0]?.url).toBe('/fhir/$process-message');
  });

  it("takes the platform's fetch as it is at each request: instrumentation may come later", async () => {
    const transport = processMessageTransport({ baseUrl });
    const { fetch, asked } = scripted(new Response('{}'));
    vi.stubGlobal('fetch', fetch);
    onTestFinished(() => void vi.unstubAllGlobals());
    await transport({ bytes: message.bytes, message, attempt: 1, signal: new AbortController().signal });

    expect(asked).toHaveLength(1);
  });

  it('puts async and response-url into the URL', async () => {
    const { fetch, asked } = scripted(new Response('{}'));
    await send({ fetch, path: 'in' }, { async: true, responseUrl: 'https://app.example.org/replies' });

    expect(asked[0]?.url).toBe(`${baseUrl}/in?async=true&response-url=https%3A%2F%2Fapp.example.org%2Freplies`);
  });

  it('hands back status, headers and body as they came', async () => {
    const receipt = await send(scripted(new Response('whatever', { status: 418, headers: { 'x-request-id': '7' } })));

    expect(receipt.status).toBe(418);
    expect(receipt.headers?.get('x-request-id')).toBe('7');
    expect(text(receipt)).toBe('whatever');
  });

  it.each([new Response(null, { status: 204 }), new Response('')])('has no body where none came', async (response) => {
    expect((await send(scripted(response))).body).toBeUndefined();
  });

  it('reads a body of many chunks as one', async () => {
    const receipt = await send(scripted(new Response(body(['{"a"', ':1', '}'], (controller) => controller.close()))));

    expect(text(receipt)).toBe('{"a":1}');
  });
});

describe('processMessageTransport: redirects', () => {
  const to = (location: string | undefined, status = 307): Response => new Response('moved', { status, headers: location === undefined ? {} : { location } });
  const secret = { authorization: 'Bearer s3cret', 'x-api-key': 's3cret' };

  it.each([307, 308])('%s within the origin: posted again, to the byte, with all headers', async (status) => {
    const { fetch, asked } = scripted(to('/r5/$process-message', status), new Response('{}'));
    const receipt = await send({ fetch, headers: secret });

    expect(text(receipt)).toBe('{}');
    expect(asked.map(({ url }) => url)).toEqual([`${baseUrl}/$process-message`, 'https://fhir.example.org/r5/$process-message']);
    expect(asked[1]?.init).toMatchObject({ method: 'POST', redirect: 'manual' });
    expect(asked[1]?.init.body).toBe(message.bytes);
    expect([...(asked[1]?.headers ?? [])]).toEqual([...(asked[0]?.headers ?? [])]);
  });

  it.each([300, 301, 302, 303, 304])('%s is not followed: it does not keep the method and the body', async (status) => {
    const { fetch, asked } = scripted(status === 304 ? new Response(null, { status }) : to('/elsewhere', status));

    expect((await send({ fetch })).status).toBe(status);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['another host', 'https://other.example.org/r4'],
    ['another scheme', 'http://fhir.example.org/r4'],
    ['another port', 'https://fhir.example.org:8443/r4'],
    ['a host hidden behind userinfo', 'https://fhir.example.org@other.example.org/'],
    ['no location', undefined],
    ['what is no URL', 'https://'],
  ])('to %s is not followed: the receipt says where it stands', async (_, location) => {
    const { fetch, asked } = scripted(to(location));

    expect(await send({ fetch, headers: secret })).toMatchObject({ status: 307 });
    expect(asked).toHaveLength(1);
  });

  it('to an origin that is allowed: the message goes there, what the app gave as headers does not', async () => {
    const { fetch, asked } = scripted(to('https://other.example.org/in'), to('https://other.example.org/in2'), new Response('{}'));
    await send({ fetch, headers: secret, contentType: 'application/fhir+json;version=1.0.0', redirectOrigins: ['https://other.example.org'] });

    expect(asked.map(({ url }) => url)).toEqual([`${baseUrl}/$process-message`, 'https://other.example.org/in', 'https://other.example.org/in2']);
    for (const { headers } of asked.slice(1)) {
      expect([...headers]).toEqual([
        ['accept', 'application/fhir+json'],
        ['content-type', 'application/fhir+json;version=1.0.0'],
      ]);
    }
  });

  it("from there back to the base's origin: without the headers too, since the other origin chose where it goes", async () => {
    const { fetch, asked } = scripted(to('https://other.example.org/in'), to(`${baseUrl}/chosen`), new Response('{}'));
    await send({ fetch, headers: secret, redirectOrigins: ['https://other.example.org'] });

    expect(asked[2]?.url).toBe(`${baseUrl}/chosen`);
    expect(asked[2]?.headers.has('authorization')).toBe(false);
  });

  it.each(['https://other.example.org/', 'https://OTHER.example.org:443/r4'])('an origin that is allowed may be written as %s', async (origin) => {
    const { fetch, asked } = scripted(to('https://other.example.org/in'), new Response('{}'));
    await send({ fetch, redirectOrigins: [origin] });

    expect(asked).toHaveLength(2);
  });

  it.each(['other.example.org', 'localhost:8080', '', '/x', 'https://other.example.org:port'])('an origin that is none is refused at once, in a page too: %j', (origin) => {
    vi.stubGlobal('location', new URL('https://app.example.org'));
    onTestFinished(() => void vi.unstubAllGlobals());

    expect(() => processMessageTransport({ baseUrl, redirectOrigins: [origin] })).toThrow(new TypeError('redirectOrigins: give an http(s) URL without userinfo, such as https://fhir.example.org/r4.'));
  });

  it('from there to a third one is not followed', async () => {
    const { fetch, asked } = scripted(to('https://other.example.org/in'), to('https://third.example.org/in'));

    expect(await send({ fetch, redirectOrigins: ['https://other.example.org'] })).toMatchObject({ status: 307 });
    expect(asked).toHaveLength(2);
  });

  it('in circles: ends after five', async () => {
    const { fetch, asked } = scripted(...Array.from({ length: 9 }, () => to('/r4/$process-message')));

    expect(await send({ fetch })).toMatchObject({ status: 307 });
    expect(asked).toHaveLength(6);
  });
});

describe('processMessageTransport: what a status means to the server', () => {
  it.each([
    [204, { 204: 'accepted' }, true],
    [201, { 204: 'accepted' }, undefined],
    [204, undefined, undefined],
    [404, { 404: 'accepted' }, undefined],
  ] as const)('%s where %j: custody %s', async (status, accepts, custody) => {
    expect((await send({ ...scripted(new Response(null, { status })), accepts })).custody).toBe(custody);
  });
});

describe('processMessageTransport: headers', () => {
  it('asks for them before each attempt, with what is known of it', async () => {
    const contexts: HeadersContext[] = [];
    const { fetch, asked } = scripted(new Response('{}'), new Response('{}'));
    const transport = processMessageTransport({
      baseUrl,
      fetch,
      headers: async (context) => {
        contexts.push(context);
        return { authorization: `Bearer ${context.attempt}` };
      },
    });
    const { signal } = new AbortController();
    await transport({ bytes: message.bytes, message, attempt: 1, signal });
    await transport({ bytes: message.bytes, message, attempt: 2, signal });

    expect(asked.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer 1', 'Bearer 2']);
    expect(contexts).toEqual([1, 2].map((attempt) => ({ message, attempt, signal })));
  });

  it("takes the caller's Accept, and a content type of its own, which counts more than one among the headers", async () => {
    const { fetch, asked } = scripted(new Response('{}'));
    await send({ fetch, headers: [['Accept', 'application/json'], ['Content-Type', 'text/plain']], contentType: 'application/fhir+json;version=1.0.0' });

    expect(asked[0]?.headers.get('accept')).toBe('application/json');
    expect(asked[0]?.headers.get('content-type')).toBe('application/fhir+json;version=1.0.0');
  });

  it('sends nothing where they come when the attempt is over', async () => {
    const { fetch, asked } = scripted(new Response('{}'));
    const attempt = new AbortController();
    const transport = processMessageTransport({ baseUrl, fetch: (url) => fetch(url), headers: async () => (attempt.abort(new Error('too late')), {}) });

    await expect(transport({ bytes: message.bytes, message, attempt: 1, signal: attempt.signal })).rejects.toThrow('too late');
    expect(asked).toEqual([]);
  });

  it('sends nothing where there are none to be had: transport.failed, delivery no, the cause kept', async () => {
    const { fetch, asked } = scripted();
    const cause = new Error('no token');

    await expect(send({ fetch, headers: () => Promise.reject(cause) })).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no', cause });
    expect(asked).toEqual([]);
  });

  it('sends nothing where one cannot be written, and does not quote it', async () => {
    const { fetch, asked } = scripted();
    const error = await send({ fetch, headers: { authorization: 'Bearer s3cret\nx' } }).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'transport.failed', delivery: 'no' });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
    expect(asked).toEqual([]);
  });
});

describe('processMessageTransport: when the connection fails', () => {
  const fault = (code?: string): Error => new TypeError('fetch failed', code === undefined ? {} : { cause: Object.assign(new Error(code), { code }) });

  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ERR_INVALID_URL', 'UND_ERR_CONNECT_TIMEOUT'])(
    '%s: nobody took it, delivery no',
    async (code) => {
      await expect(send(scripted(fault(code)))).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no', message: expect.stringContaining(code) });
    },
  );

  it.each([
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'CERT_REVOKED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])("%s: the server's certificate was refused here, before anything left, delivery no", async (code) => {
    await expect(send(scripted(fault(code)))).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no', message: expect.stringContaining(code) });
  });

  it.each(['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'])(
    "%s: the server's alert, which may come after the message, delivery unknown",
    async (code) => {
      await expect(send(scripted(fault(code)))).rejects.toMatchObject({ code: 'transport.failed', delivery: 'unknown' });
    },
  );

  it.each(['read', 'write', 'writev'])('EHOSTUNREACH of %s: the connection was there, and the message may have gone over it: delivery unknown', async (syscall) => {
    const lost = new TypeError('fetch failed', { cause: Object.assign(new Error('lost'), { code: 'EHOSTUNREACH', syscall }) });

    await expect(send(scripted(lost))).rejects.toMatchObject({ code: 'transport.failed', delivery: 'unknown' });
  });

  it.each(['connect', 'getaddrinfo'])('EHOSTUNREACH of %s: there was none, delivery no', async (syscall) => {
    const refused = new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'EHOSTUNREACH', syscall }) });

    await expect(send(scripted(refused))).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no' });
  });

  it.each([
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:9', 'no'],
    ['EHOSTUNREACH', 'read EHOSTUNREACH', 'unknown'],
  ])("%s on the error itself, as node-fetch has it (%s): delivery %s", async (code, reason, delivery) => {
    const error = Object.assign(new Error(`request to ${baseUrl} failed, reason: ${reason}`), { code, type: 'system' });

    await expect(send(scripted(error))).rejects.toMatchObject({ code: 'transport.failed', delivery, message: expect.stringContaining(code) });
  });

  it.each([['ECONNRESET'], ['UND_ERR_SOCKET'], ['EPIPE'], [undefined]])('%s: nobody can tell, delivery unknown', async (code) => {
    await expect(send(scripted(fault(code)))).rejects.toMatchObject({ code: 'transport.failed', delivery: 'unknown' });
  });

  it("rejects with the signal's own reason when that has aborted", async () => {
    await expect(send(scripted(fault('ECONNRESET')), { signal: AbortSignal.abort('gone') })).rejects.toBe('gone');
  });
});

describe('processMessageTransport: a fetch whose answers have no web stream', () => {
  // As React Native's, which before 0.73 had no `arrayBuffer` either, and node-fetch's.
  const without = (body: unknown, whole: string, status = 200): Response => {
    const response = new Response(null, { status });
    Object.defineProperties(response, { body: { value: body }, text: { value: async () => whole }, arrayBuffer: { value: () => Promise.reject(new Error('no arrayBuffer here')) } });
    return response;
  };

  it.each([
    ['none at all', undefined],
    ["Node's own", Readable.from(['unread'])],
  ])('has its body read whole: %s', async (_, stream) => {
    expect(text(await send(scripted(without(stream, '{"a":"é"}'))))).toBe('{"a":"é"}');
    expect((await send(scripted(without(stream, '')))).body).toBeUndefined();
  });

  it('follows a redirect', async () => {
    const moved = without(Readable.from(['unread']), 'moved', 307);
    moved.headers.set('location', '/elsewhere');

    expect(text(await send(scripted(moved, new Response('{}'))))).toBe('{}');
  });

  it('keeps to the limit', async () => {
    await expect(send({ ...scripted(without(undefined, '01234567890')), maxBodyBytes: 10 })).rejects.toMatchObject({ code: 'reply.invalid', delivery: 'yes', status: 200 });
    expect(await send({ ...scripted(without(undefined, '01234567890', 422)), maxBodyBytes: 10 })).toMatchObject({ status: 422, body: undefined });
  });
});

describe('processMessageTransport: when the body fails', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const breaks = (controller: ReadableStreamDefaultController): void => controller.error(new Error('reset'));
  const never = (): void => undefined;

  it('a success that breaks off: transport.failed, delivery unknown', async () => {
    await expect(send(scripted(new Response(body(['{"res'], breaks))))).rejects.toMatchObject({ code: 'transport.failed', delivery: 'unknown' });
  });

  it('a success past the limit: reply.invalid, delivery yes, and the rest is not read', async () => {
    await expect(send({ ...scripted(new Response(body(['0123456789', '0'], never))), maxBodyBytes: 10 })).rejects.toMatchObject({
      code: 'reply.invalid',
      delivery: 'yes',
      status: 200,
    });
  });

  it('a body of just the limit is read', async () => {
    expect(text(await send({ ...scripted(new Response('0123456789')), maxBodyBytes: 10 }))).toBe('0123456789');
  });

  it.each([
    ['breaks off', body(['{"res'], breaks)],
    ['is past the limit', body(['0123456789', '0'], never)],
  ])('an error keeps its status, though its body %s', async (_, stream) => {
    expect(await send({ ...scripted(new Response(stream, { status: 503 })), maxBodyBytes: 10 })).toMatchObject({ status: 503, body: undefined });
  });

  it.each([422, 503])('an error keeps its status (%s), though its body stalls: five seconds are waited for it', async (status) => {
    vi.useFakeTimers();
    const cancel = vi.fn();
    const sending = send(scripted(new Response(new ReadableStream({ pull: () => new Promise<never>(() => undefined), cancel }), { status })));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(cancel).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);

    expect(await sending).toMatchObject({ status, body: undefined });
    expect(cancel).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a success is waited for, as long as the attempt lasts', async () => {
    vi.useFakeTimers();
    const slow = new ReadableStream({ start: (controller) => void setTimeout(() => (controller.enqueue(new TextEncoder().encode('{}')), controller.close()), 20_000) });
    const sending = send(scripted(new Response(slow)));
    await vi.advanceTimersByTimeAsync(20_000);

    expect(text(await sending)).toBe('{}');
  });

  it('passes on an error of the SDK that a fetch of its own throws', async () => {
    const own = new MessagingError('transport.unsupported', 'not here');

    await expect(send(scripted(own))).rejects.toBe(own);
  });
});
