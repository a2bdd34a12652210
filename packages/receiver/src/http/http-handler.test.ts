import { createMessage, defineEvent } from '@fhir-messaging/core';
import type { Issue, ReliableCache } from '@fhir-messaging/core';
import { describe, expect, it, vi } from 'vitest';
import { createReceiver } from '../create-receiver.ts';
import { memoryCache } from '../cache/memory-cache.ts';
import { wait } from '../receive/wait.ts';
import { httpHandler } from './http-handler.ts';
import type { HttpHandlerOptions } from './http-handler-options.ts';

const source = 'https://manager.example.org';
const admit = defineEvent({
  coding: { system: 'https://example.org/events', code: 'admit' },
  category: 'consequence',
  focus: ['Patient'],
  payload: { Patient: '1..1' },
});
const message = createMessage(admit, { Patient: { resourceType: 'Patient', name: [{ family: 'Miller' }] } }, { source: 'https://app.example.org' });
const url = 'https://manager.example.org/r4/$process-message';

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

interface Asked {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: BodyInit | null;
  readonly signal?: AbortSignal;
}

function post({ headers, url: to = url, ...init }: Asked = {}): Request {
  return new Request(to, { method: 'POST', body: message.bytes, headers: { 'content-type': 'application/fhir+json', ...headers }, ...init });
}

/** A request whose body comes in chunks. */
function postStream(body: ReadableStream, headers: Record<string, string> = {}): Request {
  const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/fhir+json', ...headers } };
  return new Request(url, init);
}

/** Sends one request to a receiver whose handler says `ok`, or does what it is told. */
async function ask(asked: Asked | Request = {}, options: HttpHandlerOptions = {}, handle: () => void | Promise<void> = () => undefined) {
  const handler = httpHandler(createReceiver({ source }).on(admit, handle), options);
  const response = await handler(asked instanceof Request ? asked : post(asked));
  const text = await response.text();
  const body: { resourceType?: string; issue?: { code: string; severity: string; details?: { text?: string } }[] } = text === '' ? {} : JSON.parse(text);
  return { response, status: response.status, headers: response.headers, body, text };
}

/** What every error has to have: FHIR JSON, an OperationOutcome, an issue that is an error, with a sentence. */
function expectOutcome({ status, headers, body }: Awaited<ReturnType<typeof ask>>, expectedStatus: number, code: string): void {
  expect(status).toBe(expectedStatus);
  expect(headers.get('content-type')).toBe('application/fhir+json');
  expect(body.resourceType).toBe('OperationOutcome');
  expect(body.issue).toContainEqual(expect.objectContaining({ severity: expect.stringMatching(/error|fatal/), code, details: { text: expect.any(String) } }));
}

describe('httpHandler', () => {
  it('200 with the reply message as FHIR JSON', async () => {
    const { status, headers, body } = await ask();

    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/fhir+json');
    expect(body).toMatchObject({ resourceType: 'Bundle', type: 'message' });
  });

  it('204 without a body where the sender wants no reply', async () => {
    const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: 'on-error' }];
    const quiet = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source, header: { extension } });
    const { status, headers, text } = await ask({ body: quiet.bytes });

    expect([status, headers.get('content-type'), text]).toEqual([204, null, '']);
  });

  it.each([['GET', null], ['PUT', '{}'], ['DELETE', null]])('405 with Allow for %s', async (method, body) => {
    const answer = await ask({ method, body });

    expectOutcome(answer, 405, 'not-supported');
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it.each(['application/json', 'application/fhir+json; charset=utf-8', 'application/fhir+json;version=1.0.0'])('reads a body of type %s', async (type) => {
    expect((await ask({ headers: { 'content-type': type } })).status).toBe(200);
  });

  it.each(['application/fhir+xml', 'application/xml', 'text/xml'])('415 for %s, saying that XML is not read', async (type) => {
    const answer = await ask({ headers: { 'content-type': type } });

    expectOutcome(answer, 415, 'not-supported');
    expect(answer.body.issue?.[0]?.details?.text).toMatch(/XML is not read/);
  });

  it.each(['text/plain', 'application/fhir+json; charset=iso-8859-1', 'multipart/form-data; boundary=x'])('415 for %s', async (type) => {
    expectOutcome(await ask({ headers: { 'content-type': type } }), 415, 'not-supported');
  });

  it('415 where no type is said', async () => {
    const request = post();
    request.headers.delete('content-type');

    expectOutcome(await ask(request), 415, 'not-supported');
  });

  it('415 for a content encoding, naming what is taken', async () => {
    const answer = await ask({ headers: { 'content-encoding': 'gzip' } });

    expectOutcome(answer, 415, 'not-supported');
    expect(answer.headers.get('accept-encoding')).toBe('identity');
    expect((await ask({ headers: { 'content-encoding': 'identity' } })).status).toBe(200);
  });

  it.each(['application/fhir+xml', 'text/html', 'application/fhir+json;q=0'])('406 where only %s would be accepted', async (accept) => {
    expectOutcome(await ask({ headers: { accept } }), 406, 'not-supported');
  });

  it.each(['application/fhir+json', 'application/json', '*/*', 'text/html, */*;q=0.1'])('answers where %s is accepted', async (accept) => {
    expect((await ask({ headers: { accept } })).status).toBe(200);
  });

  it('422 for async=true, which is not done here', async () => {
    expectOutcome(await ask({ url: `${url}?async=true&response-url=https%3A%2F%2Fapp.example.org` }), 422, 'not-supported');
    expect((await ask({ url: `${url}?async=false` })).status).toBe(200);
  });

  it('422 for an event that nobody handles', async () => {
    const other = defineEvent({ uri: 'https://example.org/discharge', category: 'notification', focus: [], payload: { Patient: '1..1' } });

    expectOutcome(await ask({ body: createMessage(other, { Patient: { resourceType: 'Patient' } }, { source }).bytes }), 422, 'not-supported');
  });

  it('422 for content against its contract (contentErrors: http)', async () => {
    const bundle = structuredClone(message.bundle);
    bundle.entry!.push({ fullUrl: 'urn:uuid:0c4b4d2a-6b1f-4c1c-9a53-0f3f0d0f0f0f', resource: { resourceType: 'Device' } });

    expectOutcome(await ask({ body: JSON.stringify(bundle) }), 422, 'not-supported');
  });

  it('409 for a known id with other content', async () => {
    const handler = httpHandler(createReceiver({ source }).on(admit, () => undefined));
    await handler(post());
    const body = new TextDecoder().decode(message.bytes).replace('Miller', 'Smith');
    const response = await handler(post({ body }));

    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'conflict' }] });
  });

  it.each([
    ['nothing', null],
    ['no JSON', '{"resourceType": '],
    ['a page', '<html></html>'],
    ['a resource that is no Bundle', '{"resourceType":"Patient"}'],
    ['null', 'null'],
  ])('400 for %s', async (_, body) => {
    const answer = await ask({ body });

    expectOutcome(answer, 400, 'structure');
  });

  it('500 with nothing of the inside where a handler throws', async () => {
    const answer = await ask({}, {}, () => Promise.reject(new Error('connect to db.internal failed for Miller')));

    expectOutcome(answer, 500, 'exception');
    expect(answer.text).not.toMatch(/db\.internal|Miller|\.ts|Error/);
  });

  it('a closed receiver lets what runs finish, and answers it', async () => {
    const begun = deferred<undefined>();
    const go = deferred<undefined>();
    const receiver = createReceiver({ source }).on(admit, async () => {
      begun.resolve(undefined);
      await go.promise;
    });
    const handler = httpHandler(receiver);
    const running = handler(post());
    await begun.promise;
    const closed = receiver.close();
    expect((await handler(post())).status).toBe(503);
    go.resolve(undefined);

    expect((await running).status).toBe(200);
    await closed;
  });

  it('503 with Retry-After when the receiver is closed', async () => {
    const receiver = createReceiver({ source }).on(admit, () => undefined);
    await receiver.close();
    const response = await httpHandler(receiver)(post());

    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'transient' }] });
  });
});

describe('httpHandler: a message that is still being processed', () => {
  it('503 with the Retry-After of the receiver', async () => {
    let finish = (): void => undefined;
    const running = new Promise<void>((resolve) => (finish = resolve));
    let began = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => (began = resolve));
    const handler = httpHandler(
      createReceiver({ source, inFlight: { waitMs: 0, retryAfterSeconds: 7 } }).on(admit, async () => {
        began();
        await running;
      }),
    );
    const first = handler(post());
    await hasBegun;
    const second = await handler(post());

    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '7']);
    expect(await second.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'lock-error' }] });
    finish();
    expect((await first).status).toBe(200);
  });
});

describe('httpHandler: bytes', () => {
  it('keeps the bytes of a body as they came, whatever its stream does with them afterwards', async () => {
    const chunk = message.bytes.slice();
    let kept: Uint8Array | undefined;
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(chunk);
        controller.close();
      },
    });
    const handler = httpHandler(
      createReceiver({ source }).on(admit, (input) => {
        chunk.fill(0);
        kept = input.message.bytes;
      }),
    );

    expect((await handler(postStream(body))).status).toBe(200);
    expect(kept).toEqual(message.bytes);
  });
});

describe('httpHandler: limits', () => {
  const limits = { maxBytes: 2000 };

  it('413 by Content-Length, before the body is read', async () => {
    const pull = vi.fn();
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    const request = postStream(body, { 'content-length': '2001' });

    expectOutcome(await ask(request, { limits }), 413, 'too-long');
    expect(pull).not.toHaveBeenCalled();
  });

  it('413 counted while reading, and the rest is not read', async () => {
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1000));
      },
    });
    const request = postStream(body);

    expectOutcome(await ask(request, { limits }), 413, 'too-long');
    expect(pulled).toBeLessThan(6);
  });

  it('takes a body of just the limit', async () => {
    expect((await ask({}, { limits: { maxBytes: message.bytes.byteLength } })).status).toBe(200);
    expectOutcome(await ask({}, { limits: { maxBytes: message.bytes.byteLength - 1 } }), 413, 'too-long');
  });

  it('413 for what is nested too deep, in text or in a resource', async () => {
    const nested = `${'{"extension":['.repeat(2000)}{}${']}'.repeat(2000)}`;
    const body = new TextDecoder().decode(message.bytes).replace('"name":', `"contact":[${nested}],"name":`);

    expectOutcome(await ask({ body }), 413, 'too-long');
  });

  it('429 with Retry-After past the limit of requests at once, before the body is read; and what was taken is answered', async () => {
    const begun = deferred<undefined>();
    const go = deferred<undefined>();
    const receiver = createReceiver({ source }).on(admit, async () => {
      begun.resolve(undefined);
      await go.promise;
    });
    const handler = httpHandler(receiver, { limits: { maxConcurrent: 1 } });
    const first = handler(post());
    await begun.promise;
    const pull = vi.fn();
    const refused = await handler(postStream(new ReadableStream({ pull }, { highWaterMark: 0 })));

    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await refused.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'throttled' }] });
    expect(pull).not.toHaveBeenCalled();
    go.resolve(undefined);
    expect((await first).status).toBe(200);
    expect((await handler(post())).status).toBe(200);
  });

  it('an in-flight duplicate waits without the slot of a handler; as many may as there are slots', async () => {
    const go = deferred<undefined>();
    const patience: number[] = [];
    const begun = vi.fn(() => go.promise);
    const receiver = createReceiver({
      source,
      inFlight: { waitMs: 54_321 },
      wait: (delayMs, signal) => {
        if (delayMs === 54_321) patience.push(delayMs);
        return wait(delayMs, signal);
      },
    }).on(admit, begun);
    const handler = httpHandler(receiver, { limits: { maxConcurrent: 2 } });
    const another = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
    const first = handler(post());
    await expect.poll(() => begun).toHaveBeenCalledTimes(1);
    const duplicates = [handler(post())];
    await expect.poll(() => patience).toHaveLength(1);
    duplicates.push(handler(post()));
    await expect.poll(() => patience).toHaveLength(2);
    const independent = handler(post({ body: another.bytes }));
    await expect.poll(() => begun).toHaveBeenCalledTimes(2);
    const beyond = await handler(post());
    go.resolve(undefined);

    expect(beyond.status).toBe(429);
    expect((await independent).status).toBe(200);
    const texts = await Promise.all([first, ...duplicates].map(async (answer) => (await answer).text()));
    expect(texts).toEqual([texts[0], texts[0], texts[0]]);
    expect([(await handler(post())).status, begun.mock.calls.length]).toEqual([200, 2]);
  });

  it('an answer that fails gives its place back', async () => {
    const receiver = createReceiver({ source, cache: { ...memoryCache(), lookUp: () => Promise.reject(new Error('down')) } }).on(admit, () => undefined);
    const handler = httpHandler(receiver, { limits: { maxConcurrent: 1 } });

    expect([(await handler(post())).status, (await handler(post())).status]).toEqual([503, 503]);
  });

  it('413 for more entries', async () => {
    expectOutcome(await ask({}, { limits: { maxEntries: 1 } }), 413, 'too-long');
  });
});

describe('httpHandler: who sends', () => {
  it('gives the handler the sender, by whom ids count', async () => {
    const senders: unknown[] = [];
    const receiver = createReceiver({ source }).on(admit, ({ sender }) => void senders.push(sender));
    const handler = httpHandler(receiver, { authenticate: (request) => request.headers.get('x-client') ?? undefined });
    for (const client of ['a', 'b', 'a']) await handler(post({ headers: { 'x-client': client } }));

    expect(senders).toEqual(['a', 'b']);
  });

  it.each([undefined, ''])('401 where authenticate gives %j', async (name) => {
    const answer = await ask({}, { authenticate: () => name });

    expectOutcome(answer, 401, 'login');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it.each([
    [401, 'login'],
    [403, 'forbidden'],
  ])('%s of the application, an OperationOutcome added where it has no body', async (status, code) => {
    const answer = await ask({}, { authenticate: async () => new Response(null, { status, headers: { 'www-authenticate': 'Bearer error="invalid_token"', 'content-type': 'text/plain', 'content-length': '0' } }) });

    expectOutcome(answer, status, code);
    expect(answer.headers.get('content-length')).toBeNull();
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('an answer of the application with a body is sent as it is', async () => {
    const answer = await ask({}, { authenticate: () => Response.json({ why: 'expired' }, { status: 403 }) });

    expect([answer.status, answer.body]).toEqual([403, { why: 'expired' }]);
  });

  it('is asked before anything else is told, and before the body is read', async () => {
    const pull = vi.fn();
    const request = postStream(new ReadableStream({ pull }, { highWaterMark: 0 }), { 'content-type': 'text/plain' });

    expect((await ask(request, { authenticate: () => undefined })).status).toBe(401);
    expect(pull).not.toHaveBeenCalled();
  });

  it.each([204, 205, 304])('%s where authenticate answers so, which has no body', async (status) => {
    const answer = await ask({}, { authenticate: () => new Response(null, { status, headers: { 'x-own': 'yes' } }) });
    expect([answer.status, answer.headers.get('x-own')]).toEqual([status, 'yes']);
  });

  it('500, and nobody is let in, where authenticate throws; the application is told', async () => {
    const fault = new Error('key server at 10.0.0.7 is down');
    const onError = vi.fn();
    const handle = vi.fn();
    const answer = await ask({}, { authenticate: () => Promise.reject(fault), onError }, handle);

    expectOutcome(answer, 500, 'exception');
    expect(answer.text).not.toContain('10.0.0.7');
    expect(onError.mock.calls).toEqual([[fault]]);
    expect(handle).not.toHaveBeenCalled();
  });

  it.each(['lookUp', 'claim'])("503 where the cache fails in %s, before anything was begun: the handler's onError is told so, and the receiver's of the cause", async (name) => {
    const fault = new Error('db.internal');
    const cache: ReliableCache = { ...memoryCache(), [name]: () => Promise.reject(fault) };
    const [onError, ofReceiver] = [vi.fn(), vi.fn()];
    const response = await httpHandler(createReceiver({ source, cache, onError: ofReceiver }).on(admit, () => undefined), { onError })(post());

    expect([response.status, onError.mock.calls]).toEqual([503, [[expect.objectContaining({ code: 'storage.unavailable' })]]]);
    expect(ofReceiver.mock.calls).toEqual([[fault, expect.anything()]]);
    expect(await response.text()).toContain('could not be looked up or claimed');
  });

  it.each([
    ['always', 200],
    ['never', 503],
  ] as const)("that another receiver's cache failed, as a handler passes on, is told to nobody as a failure of this one's (reply: %s)", async (reply, status) => {
    const issues: Issue[] = [{ severity: 'error', code: 'transient', rule: 'cache.unavailable' }];
    const onError = vi.fn();
    const response = await httpHandler(createReceiver({ source }).on({ ...admit, reply }, () => ({ code: 'transient-error', issues })), { onError })(post());

    expect([response.status, onError.mock.calls]).toEqual([status, []]);
  });

  it('503 where the cache fails before anything was begun; an onError that throws changes nothing', async () => {
    const cache: ReliableCache = { ...memoryCache(), lookUp: () => Promise.reject(new Error('db.internal')) };
    const onError = (): never => {
      throw new Error('fault in a log');
    };
    const response = await httpHandler(createReceiver({ source, cache, onError }).on(admit, () => undefined))(post());

    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.text()).not.toContain('db.internal');
  });
});

describe('httpHandler: its options', () => {
  it.each(['replyTo', 'contentErrors', 'cache', 'identity', 'replies'])('%s is an option of createReceiver: a TypeError, since it would do nothing here', (name) => {
    expect(() => httpHandler(createReceiver({ source }), Object({ [name]: {} }))).toThrow(new TypeError(`httpHandler: ${name} is an option of createReceiver.`));
  });

  it.each(['maxBytes', 'maxEntries', 'maxConcurrent'])('a limit that is none is refused: %s', (name) => {
    for (const none of [NaN, 0, -1, '5']) expect(() => httpHandler(createReceiver({ source }), { limits: Object({ [name]: none }) })).toThrow(new TypeError(`httpHandler: ${name} is a number above 0.`));
    expect(() => httpHandler(createReceiver({ source }), { limits: { [name]: Infinity } })).not.toThrow();
  });
});

describe('httpHandler: what is around a message', () => {
  it('makes the context of the request', async () => {
    const seen: unknown[] = [];
    const receiver = createReceiver<{ tenant: string }>({ source }).on(admit, ({ context }) => void seen.push(context));
    const handler = httpHandler(receiver, {
      authenticate: () => 'app',
      context: async (request, sender) => ({ tenant: `${sender ?? ''} at ${new URL(request.url).hostname}` }),
    });
    await handler(post());

    expect(seen).toEqual([{ tenant: 'app at manager.example.org' }]);
  });

  it.each([
    ['a reply', {}, 200],
    ['an error', { headers: { accept: 'text/html' } }, 406],
    ['405', { method: 'PUT' }, 405],
  ])('echoes X-Request-ID and X-Correlation-ID on %s', async (_, asked: Asked, status) => {
    const answer = await ask({ ...asked, headers: { ...asked.headers, 'X-Request-ID': 'r-1', 'X-Correlation-ID': 'c-1' } });

    expect([answer.status, answer.headers.get('x-request-id'), answer.headers.get('x-correlation-id')]).toEqual([status, 'r-1', 'c-1']);
  });

  it('echoes them on what fails here too', async () => {
    const context = (): never => {
      throw new Error('no tenant');
    };
    const answer = await ask({ headers: { 'x-request-id': 'r-1', 'x-correlation-id': 'c-1' } }, { context });

    expect([answer.status, answer.headers.get('x-request-id'), answer.headers.get('x-correlation-id')]).toEqual([500, 'r-1', 'c-1']);
  });

  it('echoes on what authenticate answers too, and invents none', async () => {
    const { headers } = await ask({ headers: { 'x-request-id': 'r-1' } }, { authenticate: () => undefined });

    expect([headers.get('x-request-id'), headers.get('x-correlation-id')]).toEqual(['r-1', null]);
  });

  it("gives the handler the request's signal, and answers 503 when it aborts", async () => {
    const controller = new AbortController();
    const onError = vi.fn();
    const receiver = createReceiver({ source }).on(admit, ({ signal }) => {
      controller.abort();
      signal.throwIfAborted();
    });
    const response = await httpHandler(receiver, { onError })(post({ signal: controller.signal }));

    expect(response.status).toBe(503);
    expect(onError).not.toHaveBeenCalled();
  });

  it('tells the application what the cache threw once the client was gone', async () => {
    const controller = new AbortController();
    const onError = vi.fn();
    const fault = new Error('the database is gone');
    const cache: ReliableCache = { ...memoryCache(), begin: () => ({ transaction: undefined, commit: () => Promise.reject(fault), rollback: () => Promise.resolve() }) };
    const receiver = createReceiver({ source, cache, onError }).on(admit, () => controller.abort());
    const response = await httpHandler(receiver)(post({ signal: controller.signal }));

    expect(response.status).toBe(503);
    expect(onError.mock.calls).toEqual([[fault, expect.anything()]]);
  });

  it('tells nobody of a body that breaks off since the client is gone', async () => {
    const controller = new AbortController();
    const onError = vi.fn();
    const pull = (body: ReadableStreamDefaultController): void => {
      controller.abort();
      body.error(new Error('The request broke off.'));
    };
    const request = new Request(postStream(new ReadableStream({ pull }, { highWaterMark: 0 })), { signal: controller.signal });
    const response = await httpHandler(createReceiver({ source }), { onError })(request);

    expect(response.status).toBe(503);
    expect(onError).not.toHaveBeenCalled();
  });
});
