import { createMessage, defineEvent } from '@fhir-messaging/core';
import { EventEmitter, once } from 'node:events';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, Server } from 'node:http';
import http2 from 'node:http2';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createReceiver } from '../create-receiver.ts';
import { httpHandler } from './http-handler.ts';
import type { NodeRequest } from './node-http.ts';
import { toNodeHandler } from './to-node-handler.ts';

const source = 'https://manager.example.org';
const admit = defineEvent({
  coding: { system: 'https://example.org/events', code: 'admit' },
  category: 'consequence',
  focus: ['Patient'],
  payload: { Patient: '1..1' },
});
const message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
const headers = { 'content-type': 'application/fhir+json' };

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve: (value) => { resolve(value); } };
}

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function listen(handler: (request: Request) => Promise<Response>): Promise<{ url: string; port: number; server: Server }> {
  const server = createServer(toNodeHandler(handler));
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/r4/$process-message`, port, server };
}

describe('toNodeHandler', () => {
  it('serves a receiver over node:http', async () => {
    const { url } = await listen(httpHandler(createReceiver({ source }).on(admit, () => undefined)));
    const response = await fetch(url, { method: 'POST', headers, body: message.bytes });

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/fhir+json');
    expect(await response.json()).toMatchObject({ resourceType: 'Bundle', type: 'message' });
  });

  it('a closed receiver ends the connection with its 503: the next attempt goes to a process that takes messages; a Fetch answer has no such header', async () => {
    const receiver = createReceiver({ source }).on(admit, () => undefined);
    const handler = httpHandler(receiver);
    const { url } = await listen(handler);
    const connections: unknown[] = [];
    const post = async (): Promise<unknown> => {
      const response = await fetch(url, { method: 'POST', headers, body: message.bytes });
      await response.arrayBuffer();
      return [response.status, response.headers.get('connection')];
    };
    servers.at(-1)?.on('connection', (socket) => connections.push(socket));
    const answers = [await post()];
    await receiver.close();
    answers.push(await post(), await post());
    const fetched = await handler(new Request(url, { method: 'POST', headers, body: message.bytes }));

    expect(answers).toEqual([[200, 'keep-alive'], [503, 'close'], [503, 'close']]);
    expect(connections).toHaveLength(2);
    expect([fetched.status, fetched.headers.get('connection')]).toEqual([503, null]);
  });

  it('a closed receiver answers 503 over HTTP/2 too, without the header, of which Node would warn', async () => {
    const receiver = createReceiver({ source });
    await receiver.close();
    const warned = vi.fn();
    process.on('warning', warned);
    const server = http2.createServer().on('request', toNodeHandler(httpHandler(receiver)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const stream = session.request({ ':method': 'POST', ...headers });
    stream.end(message.bytes);
    const [{ ':status': status }] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader];
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('warning', warned);
    session.close();
    server.close();

    expect([status, warned.mock.calls]).toEqual([503, []]);
  });

  it('hands over method, URL, headers and body as they came', async () => {
    const seen: unknown[] = [];
    const { url } = await listen(async (request) => {
      seen.push(request.method, request.url, request.headers.get('x-request-id'), request.headers.get('x-list'), await request.text());
      return new Response(null, { status: 204, headers: { 'x-answer': 'yes' } });
    });
    const response = await fetch(`${url}?async=false`, { method: 'POST', headers: [['x-request-id', '7'], ['x-list', 'a'], ['x-list', 'b']], body: 'grüezi' });

    expect([response.status, response.headers.get('x-answer'), await response.text()]).toEqual([204, 'yes', '']);
    expect(seen).toEqual(['POST', `${url}?async=false`, '7', 'a, b', 'grüezi']);
  });

  it('hands back each cookie of an answer: they are no list', async () => {
    const { url } = await listen(() => Promise.resolve(new Response('', { headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['x-list', 'a'], ['x-list', 'b']] })));
    const response = await fetch(url, { method: 'POST' });

    expect([response.headers.getSetCookie(), response.headers.get('x-list')]).toEqual([['a=1', 'b=2'], 'a, b']);
  });

  it('hands over a GET without a body', async () => {
    const { url } = await listen(httpHandler(createReceiver({ source })));

    expect((await fetch(url)).status).toBe(405);
  });

  it('reads a large body in many chunks', async () => {
    const { url } = await listen(async (request) => new Response(String((await request.arrayBuffer()).byteLength)));

    expect(await (await fetch(url, { method: 'POST', body: new Uint8Array(3_000_000) })).text()).toBe('3000000');
  });

  it('413 reaches who is still sending a body past the limit, and the connection stays good', async () => {
    const { url } = await listen(httpHandler(createReceiver({ source }).on(admit, () => undefined), { limits: { maxBytes: 1000 } }));
    const chunks = new ReadableStream({
      start(controller) {
        for (let chunk = 0; chunk < 50; chunk += 1) controller.enqueue(new Uint8Array(65_536));
        controller.close();
      },
    });
    const init = { method: 'POST', headers, body: chunks, duplex: 'half' };
    const response = await fetch(url, init);

    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'too-long' }] });
    expect((await fetch(url, { method: 'POST', headers, body: message.bytes })).status).toBe(200);
  });

  describe('an answer before the body is read leaves the connection good for the next message', () => {
    const receiver = createReceiver({ source }).on(admit, () => undefined);
    const inner = httpHandler(receiver, { limits: { maxBytes: 100_000 }, authenticate: (request) => request.headers.get('authorization') ?? undefined });
    const wrapped = (request: Request): Promise<Response> => inner(request);

    /** Posts over the agent's one connection: with a length, or in chunks. */
    const post = (port: number, agent: Agent, body: Uint8Array, own: OutgoingHttpHeaders): Promise<readonly [number | undefined, boolean]> =>
      new Promise((resolve, reject) => {
        const asking = httpRequest({ port, host: '127.0.0.1', agent, method: 'POST', path: '/', headers: { ...headers, ...own } }, (answer) => {
          answer.resume().on('end', () => resolve([answer.statusCode, asking.reusedSocket]));
        });
        asking.on('error', reject);
        for (let at = 0; at < body.length; at += 16_384) asking.write(body.subarray(at, at + 16_384));
        asking.end();
      });

    it.each([
      ['a receiver: 401', inner, {}, 401],
      ['a receiver: 413, past the limit in chunks', inner, { authorization: 'me' }, 413],
      ['a handler around it: 401', wrapped, {}, 401],
      ['a handler around it: 413, by its length', wrapped, { authorization: 'me', 'content-length': 1_000_000 }, 413],
      ['a handler around it: 413, past the limit in chunks', wrapped, { authorization: 'me' }, 413],
    ])('%s', async (_, handler, own, status) => {
      const { port, server } = await listen(handler);
      server.keepAliveTimeout = 60_000;
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });

      expect((await post(port, agent, new Uint8Array(1_000_000).fill(32), own))[0]).toBe(status);
      expect(await post(port, agent, message.bytes, { authorization: 'me' })).toEqual([200, true]);
      agent.destroy();
    });
  });

  it('who goes on reading after the answer is told that there is no more', async () => {
    const arrived = deferred<Request>();
    const { url } = await listen((request) => {
      arrived.resolve(request);
      return Promise.resolve(new Response(null, { status: 204 }));
    });
    await fetch(url, { method: 'POST', headers, body: new Uint8Array(1_000_000) });
    const request = await arrived.promise;

    await expect(request.arrayBuffer()).rejects.toMatchObject({ message: 'The request was answered before all of it was read.' });
  });

  it('aborts the signal when the client goes away while it waits', async () => {
    const arrived = deferred<AbortSignal>();
    const { url } = await listen((request) => {
      arrived.resolve(request.signal);
      return new Promise(() => undefined);
    });
    const controller = new AbortController();
    const asking = fetch(url, { method: 'POST', headers, body: message.bytes, signal: controller.signal }).catch(() => undefined);
    const signal = await arrived.promise;
    expect(signal.aborted).toBe(false);
    controller.abort();

    await asking;
    if (!signal.aborted) await once(signal, 'abort');
    expect(signal.reason).toMatchObject({ name: 'AbortError' });
  });

  it('does not abort when all went well', async () => {
    const arrived = deferred<AbortSignal>();
    const { url, server } = await listen(async (request) => {
      arrived.resolve(request.signal);
      return new Response('done');
    });
    const closed = deferred<undefined>();
    server.on('connection', (socket) => socket.on('close', closed.resolve));
    await (await fetch(url, { method: 'POST', body: 'x' })).text();
    server.closeAllConnections();
    await closed.promise;

    expect((await arrived.promise).aborted).toBe(false);
  });

  it('a request that breaks off in its body reaches no handler', async () => {
    const handle = vi.fn();
    const answered = deferred<undefined>();
    const inner = httpHandler(createReceiver({ source }).on(admit, handle));
    const { port } = await listen(async (request) => {
      const response = await inner(request);
      answered.resolve(undefined);
      return response;
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /r4/$process-message HTTP/1.1\r\nhost: x\r\ncontent-type: application/fhir+json\r\ncontent-length: 5000\r\n\r\n{"resourceType":', () => socket.destroy());

    await answered.promise;
    expect(handle).not.toHaveBeenCalled();
  });

  it('500 without a word where a handler of its own throws', async () => {
    const { url } = await listen(() => Promise.reject(new Error('db.internal')));
    const response = await fetch(url, { method: 'POST', body: 'x' });

    expect([response.status, await response.text()]).toEqual([500, '']);
  });

  it('shows authenticate the request without its body: method, URL, headers as they came', async () => {
    const seen: unknown[] = [];
    const receiver = createReceiver<string>({ source }).on(admit, ({ sender, context }) => void seen.push(sender, context));
    const { url } = await listen(
      httpHandler(receiver, {
        authenticate({ method, url: to, headers: given, body }) {
          seen.push(method, to, given.get('x-list'), body);
          return 'app';
        },
        context: (request, sender) => `${sender ?? ''} at ${new URL(request.url).pathname}`,
      }),
    );
    const response = await fetch(`${url}?async=false`, { method: 'POST', headers: { ...headers, 'x-list': 'a, b', 'x-request-id': '7' }, body: message.bytes });

    expect([response.status, response.headers.get('x-request-id')]).toEqual([200, '7']);
    expect(seen).toEqual(['POST', `${url}?async=false`, 'a, b', null, 'app', 'app at /r4/$process-message']);
  });

  it.each([
    ['async=perhaps', 400],
    ['async=true', 422],
    ['response-url=https%3A%2F%2Fa.example&response-url=https%3A%2F%2Fb.example', 400],
    ['async=false#?async=true', 200],
  ])('reads what is asked for by ?%s', async (query, status) => {
    const { url } = await listen(httpHandler(createReceiver({ source }).on(admit, () => undefined)));
    const path = `${new URL(url).pathname}?${query}`;
    const response = await new Promise<IncomingMessage>((resolve) => {
      httpRequest({ port: new URL(url).port, host: '127.0.0.1', path, method: 'POST', headers }, resolve).end(message.bytes);
    });
    response.resume();

    expect(response.statusCode).toBe(status);
  });

  it('an answer of the application is sent as it is', async () => {
    const { url } = await listen(httpHandler(createReceiver({ source }), { authenticate: () => Response.json({ why: 'expired' }, { status: 403, headers: { 'x-answer': 'yes' } }) }));
    const response = await fetch(url, { method: 'POST', headers, body: message.bytes });

    expect([response.status, response.headers.get('x-answer'), await response.json()]).toEqual([403, 'yes', { why: 'expired' }]);
  });

  it.each([['*'], ['//evil.example/x'], ['http://[bad']])('copes with the request target %s', async (path) => {
    const { port } = await listen(async (request) => new Response(request.url));
    const response = await new Promise<IncomingMessage>((resolve) => {
      httpRequest({ port, host: '127.0.0.1', path, method: 'POST' }, resolve).end();
    });

    expect(response.statusCode).toBe(200);
    response.resume();
  });

  describe('with what node:http does seldom', () => {
    /** A request that does what the test says, and the answer to it. */
    function fake(handler: (request: Request) => Promise<Response>, changes: Partial<NodeRequest> = {}) {
      const events = new EventEmitter();
      const pauses: string[] = [];
      const incoming: NodeRequest = {
        method: 'POST',
        url: '/$process-message',
        headers: { host: 'a.example' },
        readableEnded: false,
        on: (event, listener) => events.on(event, listener),
        pause: () => pauses.push('pause'),
        resume: () => pauses.push('resume'),
        ...changes,
      };
      const answered = new Promise<string>((resolve) => {
        const end = (chunk?: Uint8Array): void => {
          resolve(new TextDecoder().decode(chunk));
        };
        toNodeHandler(handler)(incoming, { statusCode: 0, writableFinished: false, setHeader: () => undefined, on: () => undefined, end });
      });
      return { events, pauses, answered };
    }

    it("takes Express's original URL, and a body that a parser read before for none", async () => {
      const { answered } = fake(async (request) => new Response(`${request.url} ${await request.text()}`), { originalUrl: '/r4/$process-message', readableEnded: true });

      expect(await answered).toBe('http://a.example/r4/$process-message ');
    });

    it.each([
      ['//evil.example/x', 'a.example', 'http://a.example//evil.example/x'],
      ['/\\evil.example/x?y=1', 'a.example:8080', 'http://a.example:8080//evil.example/x?y=1'],
      ['/r4/../x', 'a.example/of/whom?', 'http://a.example/x'],
      ['//evil.example/x', 'no host', 'http://localhost//evil.example/x'],
      ['*', 'a.example', 'http://a.example/*'],
      ['http://user:secret@b.example/x', 'a.example', 'http://b.example/x'],
    ])('says the host that was asked, whatever the path begins with (%s at %s)', async (url, host, shown) => {
      const { answered } = fake((request) => Promise.resolve(new Response(request.url)), { url, headers: { host } });

      expect(await answered).toBe(shown);
    });

    it('of a receiver: a body that a parser read before is no fault of who sent it; the application is told', async () => {
      const onError = vi.fn();
      const { answered } = fake(httpHandler(createReceiver({ source }), { onError }), { headers, readableEnded: true });

      expect(JSON.parse(await answered)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'exception' }] });
      expect(onError.mock.calls).toEqual([[expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('body parser') })]]);
    });

    it.each(['close', 'error'])('of a receiver: a body that ends by %s breaks off, and reaches no handler', async (event) => {
      const handle = vi.fn();
      const onError = vi.fn();
      const { events, answered } = fake(httpHandler(createReceiver({ source }).on(admit, handle), { onError }), { headers });
      events.emit('data', message.bytes);
      events.emit(event);

      expect(JSON.parse(await answered)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'exception' }] });
      expect(onError.mock.calls).toEqual([[expect.objectContaining({ message: 'The request broke off.' })]]);
      expect(handle).not.toHaveBeenCalled();
    });

    it('of a receiver: nothing more is let in past the limit, and what comes all the same is taken for nothing', async () => {
      const { events, pauses, answered } = fake(httpHandler(createReceiver({ source }), { limits: { maxBytes: 10 } }), { headers });
      events.emit('data', new Uint8Array(6));
      expect(pauses).toEqual([]);
      events.emit('data', new Uint8Array(6));
      expect(pauses).toEqual(['pause']);
      ['data', 'end', 'close'].forEach((event) => events.emit(event, new Uint8Array(6)));

      expect(JSON.parse(await answered)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'too-long' }] });
      expect(pauses).toEqual(['pause']);
    });

    it('of a receiver: reads a body in the chunks in which it comes', async () => {
      const { events, answered } = fake(httpHandler(createReceiver({ source }).on(admit, () => undefined)), { headers });
      for (let at = 0; at < message.bytes.byteLength; at += 100) events.emit('data', message.bytes.subarray(at, at + 100));
      events.emit('end');

      expect(JSON.parse(await answered)).toMatchObject({ resourceType: 'Bundle', type: 'message' });
    });

    it('a request that is closed without an error breaks off too', async () => {
      const { events, answered } = fake((request) => request.text().then(() => new Response('read'), () => new Response('broken off')));
      events.emit('data', new Uint8Array(1));
      events.emit('close');

      expect(await answered).toBe('broken off');
    });

    it('lets nothing more in than is asked for', async () => {
      const { events, pauses, answered } = fake(async (request) => {
        const reader = request.body?.getReader();
        await reader?.read();
        return new Response('done');
      });
      events.emit('data', new Uint8Array(1));
      expect(pauses.at(-1)).toBe('pause');
      await answered;
      expect(pauses).toContain('resume');
    });

    it('takes what comes after it was given up for nothing', async () => {
      const { events, answered } = fake(async (request) => {
        await request.body?.cancel();
        return new Response('given up');
      });
      expect(await answered).toBe('given up');

      expect(() => ['data', 'end', 'close'].map((event) => events.emit(event, new Uint8Array(1)))).not.toThrow();
    });
  });
});
