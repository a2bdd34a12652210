import { bars, createMessage, createReply, defineEvent, newFullUrl, readMessage, readReply } from '@fhir-messaging/core';
import type { CreateMessageOptions, Message, ReplyContent } from '@fhir-messaging/core';
import { createReceiver, httpHandler, memoryCache } from '@fhir-messaging/receiver';
import type { ReceiverOptions, ReplyTo, Wait } from '@fhir-messaging/receiver';
import { publicFetch } from '@fhir-messaging/receiver/node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startReplyServer } from './reply-server.ts';
import type { ReplyServer } from './reply-server.ts';

const source = 'https://manager.example.org/r4';
const admit = defineEvent({ coding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function replyServer(...statuses: string[]): Promise<ReplyServer> {
  const server = await startReplyServer(...statuses);
  stops.push(() => server.stop());
  return server;
}

const messageFrom = (endpoint: string, options: Partial<CreateMessageOptions> = {}): Message =>
  createMessage(admit, { Patient: { resourceType: 'Patient', name: [{ family: 'Miller' }] } }, { source: endpoint, ...options });

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Acts again until it is so. Between two acts the event loop turns: an act that only settles promises would keep the sockets waiting for ever. */
async function repeat(act: () => Promise<void> | void, isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo() && turn < 10_000; turn += 1) {
    await act();
    await new Promise(setImmediate);
  }
}

/** Time that passes when the test says so: waits before a reply is posted again pass at once and are kept, all others when `round` is called. */
function ownTime() {
  const delays: number[] = [];
  const rounds: (() => void)[] = [];
  const wait: Wait = (delayMs, signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve());
      if (delayMs === 15_000) rounds.push(resolve);
      else if (delayMs !== 10_000) {
        delays.push(delayMs);
        resolve();
      }
    });
  return { wait, delays, round: () => rounds.splice(0).forEach((pass) => pass()) };
}

type Setup = Partial<ReceiverOptions> & { readonly to?: Partial<ReplyTo>; readonly say?: (run: number) => ReplyContent | Promise<ReplyContent> };

/** A receiver that replies to one server, whose address is private and so is named; and how often its handler ran. */
async function received(server: ReplyServer, { to = {}, say = () => ({}), ...options }: Setup = {}) {
  const errors: unknown[] = [];
  const awaited: (() => void)[] = [];
  const time = ownTime();
  const onError = (error: unknown): void => {
    errors.push(error);
    awaited.splice(0).forEach((look) => look());
  };
  const toldOf = async (count: number): Promise<void> => {
    while (errors.length < count) await new Promise<void>((resolve) => awaited.push(resolve));
  };
  let runs = 0;
  const receiver = createReceiver({
    source,
    wait: time.wait,
    onError,
    replyTo: { origins: () => [server.origin], fetch: publicFetch({ privateOrigins: [server.origin] }), allowVolatileCustody: true, random: () => 0.5, ...to },
    ...options,
  }).on(admit, () => say((runs += 1)));
  await receiver.resume();
  stops.push(() => receiver.close());
  const handler = httpHandler(receiver, { authenticate: (request) => request.headers.get('x-client') ?? 'ward' });
  const post = async (message: { bytes: Uint8Array<ArrayBuffer> }, query = '?async=true', headers: Record<string, string> = {}) => {
    const request = new Request(`${source}/$process-message${query}`, { method: 'POST', body: message.bytes, headers: { 'content-type': 'application/fhir+json', ...headers } });
    const response = await handler(request);
    return { status: response.status, text: await response.text() };
  };
  return { receiver, post, errors, toldOf, runs: () => runs, ...time };
}

describe('an asynchronous message (OperationDefinition process-message: async, response-url)', () => {
  it('is answered with 200 and no body, and its reply is posted to $process-message at its source, with async=true', async () => {
    const server = await replyServer();
    const { post } = await received(server, { say: () => ({ issues: [{ severity: 'information', code: 'informational', diagnostics: 'Taken.' }] }) });
    const message = messageFrom(`${server.origin}/r4`);

    expect(await post(message)).toEqual({ status: 200, text: '' });
    const { url, headers, body } = await server.nth(1);
    expect([url, headers['content-type'], headers['authorization']]).toEqual(['/r4/$process-message?async=true', 'application/fhir+json', undefined]);
    expect(readReply(body, { request: message })).toMatchObject({ code: 'ok', matched: 'MessageHeader.id' });
  });

  it('202 where the receiver says so', async () => {
    const server = await replyServer();
    const { post } = await received(server, { to: { acceptedStatus: 202 } });

    expect(await post(messageFrom(server.origin))).toEqual({ status: 202, text: '' });
    await server.nth(1);
  });

  it('is answered before its handler is done', async () => {
    const server = await replyServer();
    const go = deferred<ReplyContent>();
    const { post } = await received(server, { say: () => go.promise });

    expect((await post(messageFrom(server.origin))).status).toBe(200);
    expect(server.posted).toEqual([]);
    go.resolve({});
    await server.nth(1);
  });

  it.each([
    ['the operation is not doubled', '/r4/$process-message', '/r4/$process-message?async=true'],
    ['nor under its other name', '/r4/$process-messages', '/r4/$process-messages?async=true'],
    ['a slash at the end is not either', '/r4/', '/r4/$process-message?async=true'],
    ['a query stays one', '/r4?tenant=1', '/r4/$process-message?tenant=1&async=true'],
    ['a fragment goes nowhere', '/r4/$process-message#event', '/r4/$process-message?async=true'],
  ])("the source's address: %s", async (_, path, expected) => {
    const server = await replyServer();
    const { post } = await received(server);
    await post(messageFrom(`${server.origin}${path}`));

    expect((await server.nth(1)).url).toBe(expected);
  });

  it.each([
    ['as it is', '/inbox', '/inbox?async=true'],
    ['with a slash at its end', '/inbox/', '/inbox/?async=true'],
    ['with its query', '/inbox?a=%2F&b', '/inbox?a=%2F&b&async=true'],
    ['that says async itself', '/inbox?async=true', '/inbox?async=true'],
  ])('response-url is taken as given, in place of the source: %s', async (_, path, expected) => {
    const server = await replyServer();
    const { post } = await received(server);
    await post(messageFrom('https://elsewhere.example'), `?async=true&response-url=${encodeURIComponent(`${server.origin}${path}`)}`);

    expect((await server.nth(1)).url).toBe(expected);
  });

  it('R5: its source is endpointUrl, and the reply quotes Bundle.identifier', async () => {
    const server = await replyServer();
    const { post } = await received(server);
    const message = messageFrom(server.origin, { release: 'R5' });
    await post(message);

    expect(readReply((await server.nth(1)).body, { request: message }).matched).toBe('Bundle.identifier');
  });

  it('headers, and so a credential, go with a reply where the application gives them, for each posting anew', async () => {
    const server = await replyServer('503', '200');
    let token = 0;
    const { post } = await received(server, { to: { headers: ({ sender, url }) => ({ authorization: `Bearer ${(token += 1)} for ${sender ?? ''} at ${new URL(url).pathname}` }) } });
    await post(messageFrom(server.origin));
    await server.nth(2);

    expect(server.posted.map(({ headers }) => headers.authorization)).toEqual(['Bearer 1 for ward at /$process-message', 'Bearer 2 for ward at /$process-message']);
  });
});

describe('an asynchronous message is refused, and reaches no handler', () => {
  const refusal = async (setup: Setup | undefined, message: (origin: string) => Message, query?: string) => {
    const server = await replyServer();
    const { post, runs, errors } = await received(server, setup);
    const { status, text } = await post(message(server.origin), query);
    expect([runs(), server.posted]).toEqual([0, []]);
    return { status, body: JSON.parse(text) as unknown, errors };
  };
  const outcome = (code: string, rule: string) => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics: `rule ${rule}` }] });

  it('422 where the strategy has no asynchronous exchange (BaRS)', async () => {
    expect(await refusal({ identity: bars }, (origin) => messageFrom(origin))).toMatchObject({ status: 422, body: outcome('not-supported', 'identity.async') });
  });

  it("422 where the reply would go to an address that is not on the sender's list", async () => {
    expect(await refusal({}, () => messageFrom('https://other.example'))).toMatchObject({ status: 422, body: outcome('forbidden', 'receiver.reply-address') });
  });

  it('422 for such a response-url, whatever the source is', async () => {
    expect(await refusal({}, (origin) => messageFrom(origin), '?async=true&response-url=https%3A%2F%2Fother.example')).toMatchObject({ status: 422, body: outcome('forbidden', 'receiver.reply-address') });
  });

  it('422 where the list is that of another sender', async () => {
    const server = await replyServer();
    const { post } = await received(server, { to: { origins: (sender) => (sender === 'ward' ? [server.origin] : []) } });

    expect((await post(messageFrom(server.origin), '?async=true', { 'x-client': 'mallory' })).status).toBe(422);
    expect((await post(messageFrom(server.origin), '?async=true')).status).toBe(200);
    await server.nth(1);
  });

  it('422 for a logical address', async () => {
    expect(await refusal({}, () => messageFrom('urn:oid:1.2.3'))).toMatchObject({ status: 422, body: outcome('forbidden', 'receiver.reply-address') });
  });

  it('422 for content against its contract, also where that is told in messages otherwise', async () => {
    const broken = (origin: string): Message => {
      const bundle = structuredClone(messageFrom(origin).bundle);
      return readMessage({ ...bundle, entry: [...(bundle.entry ?? []), { fullUrl: newFullUrl(), resource: { resourceType: 'Device' } }] });
    };

    const { status, body } = await refusal({ contentErrors: 'message' }, broken);
    expect(status).toBe(422);
    expect(body).toMatchObject({ issue: expect.arrayContaining([expect.objectContaining({ code: 'not-supported', diagnostics: 'rule payload.type' })]) });
  });

  it('400 for async that is neither true nor false, and for two response-urls', async () => {
    expect(await refusal({}, (origin) => messageFrom(origin), '?async=yes')).toMatchObject({ status: 400, body: outcome('value', 'http.async') });
    expect(await refusal({}, (origin) => messageFrom(origin), '?async=true&response-url=a&response-url=b')).toMatchObject({ status: 400, body: outcome('multiple-matches', 'http.response-url') });
  });

  it('500 where nobody would finish it after a restart: the application is told to call resume', async () => {
    const onError = vi.fn();
    const handler = httpHandler(createReceiver({ source, replyTo: { origins: () => [source], allowVolatileCustody: true } }).on(admit, () => undefined), { onError });
    const request = new Request(`${source}?async=true`, { method: 'POST', body: messageFrom(source).bytes, headers: { 'content-type': 'application/json' } });

    expect((await handler(request)).status).toBe(500);
    expect(String(onError.mock.calls[0])).toContain('receiver.resume()');
  });

  it('a cache that ends with its process has no custody, unless that is allowed', () => {
    const replyTo = { origins: () => [] };

    expect(() => createReceiver({ source, replyTo })).toThrow(TypeError);
    expect(() => createReceiver({ source, replyTo, cache: memoryCache() })).toThrow('allowVolatileCustody');
    expect(() => createReceiver({ source, replyTo: { ...replyTo, allowVolatileCustody: true } })).not.toThrow();
  });

  it('without replyTo there is nothing to resume', async () => {
    await expect(createReceiver({ source }).resume()).rejects.toThrow(TypeError);
  });
});

describe('a reply is posted until it is taken', () => {
  it.each(['500', '502', '503', '504', '401', '404', '408', '425', '429'])('%s: again, waiting longer each time', async (status) => {
    const server = await replyServer(status, status, status, '200');
    const { post, delays, runs } = await received(server);
    await post(messageFrom(server.origin));
    await server.nth(4);

    expect(delays).toEqual([500, 1000, 2000]);
    expect(runs()).toBe(1);
    expect(new Set(server.posted.map(({ body }) => body)).size).toBe(1);
  });

  it('Retry-After is honoured, within the longest wait', async () => {
    const server = await replyServer('503 7', '503 900', '200');
    const { post, delays } = await received(server, { to: { maxDelayMs: 60_000 } });
    await post(messageFrom(server.origin));
    await server.nth(3);

    expect(delays).toEqual([7000, 60_000]);
  });

  it('nobody there: again', async () => {
    const server = await replyServer();
    let calls = 0;
    const fetchLater: typeof fetch = async (...input) => {
      calls += 1;
      if (calls < 3) throw Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });
      return fetch(...input);
    };
    const { post, errors } = await received(server, { to: { fetch: fetchLater } });
    await post(messageFrom(server.origin));
    await server.nth(1);

    expect(errors).toMatchObject([{ code: 'transport.failed' }, { code: 'transport.failed' }]);
    expect(String(errors[0])).toContain(`${server.origin} (ECONNREFUSED)`);
  });

  it.each(['400', '403', '409', '422', '301', '307'])('%s: not again; the application is told, and redirects lead nowhere', async (status) => {
    const server = await replyServer(status);
    const { post, receiver, errors } = await received(server);
    await post(messageFrom(server.origin));
    await server.nth(1);
    await receiver.close();

    expect(server.posted).toHaveLength(1);
    expect(errors).toMatchObject([{ code: 'transport.status', status: Number(status) }]);
  });

  it('until it expires, by the times between postings', async () => {
    const server = await replyServer('503');
    const { post, delays, receiver, errors, toldOf } = await received(server, { to: { expiresAfterMinutes: 0.1 } });
    await post(messageFrom(server.origin));
    await toldOf(4);
    await receiver.close();

    expect(delays).toEqual([500, 1000, 2000]);
    expect(errors).toHaveLength(4);
  });

  it('a reply that is posted again for a resend, until it expires too: that is told, once', async () => {
    const server = await replyServer('503');
    const { post, receiver, errors, toldOf } = await received(server, { to: { expiresAfterMinutes: 0 } });
    const message = messageFrom(server.origin);
    expect((await post(message, '')).status).toBe(200);
    expect((await post(message)).status).toBe(200);
    await toldOf(2);
    await receiver.close();

    expect(errors).toMatchObject([{ code: 'transport.status', status: 503 }, { code: 'transport.timeout' }]);
    expect(String(errors[1])).toContain('posted no more');
  });

  it('an address that was struck off the list meanwhile gets nothing', async () => {
    const server = await replyServer('503', '200');
    const lists = [[server.origin], [server.origin], []];
    const { post, errors, toldOf } = await received(server, { to: { origins: () => lists.shift() ?? [] } });
    await post(messageFrom(server.origin));
    await toldOf(2);

    expect(server.posted).toHaveLength(1);
    expect(errors).toMatchObject([{ status: 503 }, { code: 'address.refused' }]);
  });

  it('a header that is none tells nobody its value', async () => {
    const server = await replyServer();
    const { post, receiver, errors } = await received(server, { to: { headers: () => ({ authorization: 'Bearer s3cret\n' + 'x' }), expiresAfterMinutes: 0 } });
    await post(messageFrom(server.origin));
    await receiver.close();

    expect(errors).toMatchObject([{ code: 'transport.failed' }]);
    expect(JSON.stringify(errors) + String(errors[0]) + String((errors[0] as Error).stack)).not.toContain('s3cret');
  });
});

describe('forged reply addresses: none is contacted', () => {
  it.each([
    ['loopback', (port: string) => `http://127.0.0.1:${port}/`],
    ['loopback, mapped', (port: string) => `http://[::ffff:127.0.0.1]:${port}/`],
    ['loopback, decimal', (port: string) => `http://2130706433:${port}/`],
    ['any', (port: string) => `http://0.0.0.0:${port}/`],
    ['a name that leads there', (port: string) => `https://a.tenant.example:${port}/`],
    ["a user's name before one", (port: string) => `https://user@a.tenant.example:${port}/`],
    ['another scheme', (port: string) => `ftp://a.tenant.example:${port}/`],
  ])('%s', async (_, addressAt) => {
    const server = await replyServer();
    const port = new URL(server.origin).port;
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    const { post, receiver } = await received(server, { to: { origins: () => [`https://*.tenant.example:${port}`], fetch: publicFetch({ resolve }) } });
    const { status } = await post(messageFrom('https://x.example'), `?async=true&response-url=${encodeURIComponent(addressAt(port))}`);
    await receiver.close();

    // A name on the list is accepted, and found out when the connection is made.
    expect(status).toBe(addressAt(port).startsWith('https://a.') ? 200 : 422);
    expect(server.connections()).toBe(0);
  });

  it('a list of names counts for nothing with a fetch that does not check addresses', async () => {
    const server = await replyServer();
    const { post } = await received(server, { to: { origins: () => ['https://*.tenant.example'], fetch } });

    expect((await post(messageFrom('https://a.tenant.example'))).status).toBe(422);
  });
});

describe('an asynchronous message that comes again', () => {
  it('while it is being processed: accepted at once, one reply', async () => {
    const server = await replyServer();
    const go = deferred<ReplyContent>();
    const { post, runs, receiver } = await received(server, { say: () => go.promise });
    const message = messageFrom(server.origin);

    expect([(await post(message)).status, (await post(message)).status]).toEqual([200, 200]);
    go.resolve({});
    await server.nth(1);
    await receiver.close();
    expect([runs(), server.posted.length]).toEqual([1, 1]);
  });

  it('after its reply: accepted, the original reply is posted again (SHALL), the handler does not run', async () => {
    const server = await replyServer();
    const { post, runs } = await received(server);
    const message = messageFrom(server.origin);
    await post(message);
    const first = await server.nth(1);
    const answers: unknown[] = [];
    // Between its being taken and its being noted as delivered it is the same posting still.
    await repeat(
      async () => void answers.push(await post(message)),
      () => server.posted.length > 1,
    );

    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set([JSON.stringify({ status: 200, text: '' })]));
    expect((await server.nth(2)).body).toBe(first.body);
    expect(runs()).toBe(1);
  });

  it('with other content: 409', async () => {
    const server = await replyServer();
    const { post } = await received(server);
    const message = messageFrom(server.origin);
    await post(message);
    const changed = new TextEncoder().encode(new TextDecoder().decode(message.bytes).replace('Miller', 'Smith'));

    expect((await post({ bytes: changed })).status).toBe(409);
    await server.nth(1);
  });

  it('on the same connection: gets its reply there', async () => {
    const server = await replyServer();
    const { post } = await received(server);
    const message = messageFrom(server.origin);
    await post(message);
    const { body } = await server.nth(1);

    expect(await post(message, '')).toEqual({ status: 200, text: body });
  });
});

describe('what comes of a handler', () => {
  it.each(['fatal-error', 'ok'] as const)('%s is posted', async (code) => {
    const server = await replyServer();
    const { post } = await received(server, { say: () => ({ code }) });
    await post(messageFrom(server.origin));

    expect(readReply((await server.nth(1)).body).code).toBe(code);
  });

  it('transient-error is posted, and the message may come again and is processed', async () => {
    const server = await replyServer();
    const { post, runs } = await received(server, { say: (run) => ({ code: run === 1 ? 'transient-error' : 'ok' }) });
    const message = messageFrom(server.origin);
    await post(message);
    expect(readReply((await server.nth(1)).body).code).toBe('transient-error');
    await repeat(async () => void (await post(message)), () => runs() === 2);

    expect(readReply((await server.nth(2)).body).code).toBe('ok');
  });

  it('a throw leaves it in custody: it is taken up in the next round', async () => {
    const server = await replyServer();
    const failure = new Error('down');
    const { post, runs, errors, round } = await received(server, { say: (run) => (run === 1 ? Promise.reject(failure) : {}) });
    await post(messageFrom(server.origin));
    await repeat(round, () => server.posted.length > 0);

    expect(runs()).toBe(2);
    expect(errors).toEqual([failure]);
  });

  it.each([
    ['never', 'ok'],
    ['on-error', 'ok'],
    ['on-success', 'fatal-error'],
    ['never', 'fatal-error'],
  ] as const)('response-request %s, %s: no reply is posted, and its custody ends', async (request, code) => {
    const server = await replyServer();
    const { post, receiver, runs } = await received(server, { say: () => ({ code }) });
    const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: request }];
    expect((await post(messageFrom(server.origin, { header: { extension } }))).status).toBe(200);
    await receiver.close();

    expect([runs(), server.posted.length]).toEqual([1, 0]);
  });

  it('a closed receiver lets the handler finish and posts its reply once', async () => {
    const server = await replyServer('503');
    const go = deferred<ReplyContent>();
    const { post, receiver } = await received(server, { say: () => go.promise });
    await post(messageFrom(server.origin));
    const closed = receiver.close();
    go.resolve({});
    await closed;

    expect(server.posted).toHaveLength(1);
  });
});

describe('more messages than slots', () => {
  it('are all accepted, and those that find none are finished when one is free', async () => {
    const server = await replyServer();
    let running = 0;
    let most = 0;
    const { post } = await received(server, {
      to: { maxConcurrent: 2 },
      say: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        return {};
      },
    });
    const messages = Array.from({ length: 9 }, () => messageFrom(server.origin));
    const statuses = await Promise.all(messages.map((message) => post(message)));
    await server.nth(9);

    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(most).toBeLessThanOrEqual(2);
    const answered = messages.filter((message) => server.posted.some(({ body }) => body.includes(message.identity.message ?? '?')));
    expect(answered).toHaveLength(9);
  });
});

describe('a response that comes in is answered with a status, never with a message', () => {
  const reply = (): Message => createReply(messageFrom(source), { source: 'https://app.example.org' });
  const answered = async (kind: string, sender?: string, addressOf?: (name: string) => string | undefined) => {
    const server = await replyServer();
    const accept = vi.fn(async () => ({ kind }));
    const { post, runs } = await received(server, { replies: { accept }, addressOf });
    const message = reply();
    const result = await post(message, '?async=true', sender === undefined ? {} : { 'x-client': sender });
    expect(runs()).toBe(0);
    expect(accept).toHaveBeenCalledOnce();
    return { ...result, given: accept.mock.calls[0] as unknown as [Message, { sender?: string }], message };
  };

  it.each(['settled', 'repeated', 'late'])('%s: 200 without a body', async (kind) => {
    expect(await answered(kind)).toMatchObject({ status: 200, text: '' });
  });

  it('refused: 403, unknown: 422, with an OperationOutcome', async () => {
    const refused = await answered('refused');
    const unknown = await answered('unknown');

    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([403, { issue: [{ code: 'forbidden' }] }]);
    expect([unknown.status, JSON.parse(unknown.text)]).toMatchObject([422, { issue: [{ code: 'not-found' }] }]);
  });

  it('the messenger gets it to the byte', async () => {
    const { given, message } = await answered('settled');

    expect(new TextDecoder().decode(given[0].bytes)).toBe(new TextDecoder().decode(message.bytes));
  });

  it.each([
    ['a name alone is no address, and so nobody’s', 'app', undefined, ''],
    ['a name that looks like one is none where the application says so', 'https://app.example.org', () => undefined, ''],
    ['an address is one', 'https://app.example.org', undefined, 'https://app.example.org'],
    ['the application knows', 'app', () => 'https://app.example.org', 'https://app.example.org'],
  ])("with its sender's address: %s", async (_, sender, addressOf, expected) => {
    expect((await answered('settled', sender, addressOf)).given[1]).toEqual({ sender: expected });
  });
});

it('the CapabilityStatement then claims the whole operation, and not where the strategy has no async', () => {
  const replyTo = { origins: () => [], allowVolatileCustody: true };
  const canonical = 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message';

  expect(createReceiver({ source, replyTo }).capabilityStatement()['rest']).toMatchObject([{ operation: [{ definition: canonical }] }]);
  expect(createReceiver({ source, replyTo, identity: bars }).capabilityStatement()['rest']).toMatchObject([{ operation: [{ definition: '#process-message' }] }]);
});
