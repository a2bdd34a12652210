import { createReply } from '@fhir-messaging/core';
import { createReceiver, httpHandler } from '@fhir-messaging/receiver';
import type { HttpHandlerOptions } from '@fhir-messaging/receiver';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { admission, answer, dropReply, messageOf, messengerTo, reset, resetInBody, serve, silence, source, startServer } from './loopback.ts';
import { selfSigned } from './self-signed.ts';
import { start } from './started.ts';

/** A receiver that counts what it processed. */
function counting(options: HttpHandlerOptions = {}, category: Parameters<typeof admission>[0] = 'consequence') {
  let runs = 0;
  const receiver = createReceiver({ source: 'https://ward.example.org' }).on(admission(category), ({ payload }) => {
    runs += 1;
    return { focus: [{ ...payload.Patient, id: String(runs) }] };
  });
  return { handler: httpHandler(receiver, options), runs: () => runs };
}

const unavailable = answer(503, '', { 'retry-after': '2' });
const known = { peer: { reliableCacheMinutes: 10 } };

describe('a message over HTTP', () => {
  it('is posted to $process-message once and its reply is read', async () => {
    const { handler, runs } = counting();
    const server = await start(serve(handler));
    const reply = await messengerTo(server.url).messenger.send(messageOf());

    expect(reply).toMatchObject({ kind: 'ok', attempts: 1, matched: 'MessageHeader.id', matchedByRule: true, http: { status: 200 } });
    expect(server.requests).toMatchObject([{ method: 'POST', url: '/r4/$process-message', headers: { 'content-type': 'application/fhir+json', accept: 'application/fhir+json' } }]);
    expect(runs()).toBe(1);
  });

  it('the operation is not doubled in the URL', async () => {
    const { handler } = counting();
    const server = await start(serve(handler));
    await messengerTo(`${server.url}/$process-message`).messenger.send(messageOf());

    expect(server.requests.map(({ url }) => url)).toEqual(['/r4/$process-message']);
  });

  it('is refused with the issues of the OperationOutcome', async () => {
    const server = await start(serve(httpHandler(createReceiver({ source }))));
    const reply = await messengerTo(server.url).messenger.send(messageOf());

    expect(reply).toMatchObject({ kind: 'refused', mayHaveArrived: false, http: { status: 422 }, attempts: 1 });
    expect(reply.issues).toEqual([expect.objectContaining({ severity: 'error', code: 'not-supported', diagnostics: expect.stringContaining('Nobody handles') })]);
  });

  it('401: refused; with the header of the next send it is taken', async () => {
    const { handler, runs } = counting({ authenticate: (request) => (request.headers.get('authorization') === 'Bearer good' ? 'app' : undefined) });
    const server = await start(serve(handler));
    let token = 'stale';
    const { messenger } = messengerTo(server.url, {}, { headers: () => ({ authorization: `Bearer ${token}` }) });
    const message = messageOf();

    expect(await messenger.send(message)).toMatchObject({ kind: 'refused', http: { status: 401 }, issues: [{ code: 'login' }] });
    token = 'good';
    expect((await messenger.send(message)).kind).toBe('ok');
    expect(runs()).toBe(1);
  });

  it('429 is tried again when Retry-After says', async () => {
    const { handler } = counting();
    const server = await start(answer(429, '', { 'retry-after': '7' }), serve(handler));
    const { messenger, waits } = messengerTo(server.url);

    expect(await messenger.send(messageOf())).toMatchObject({ kind: 'ok', attempts: 2 });
    expect(waits).toEqual([7000]);
  });

  it('503, then ok: the same bytes under the same ids', async () => {
    const bodies: string[] = [];
    const { handler } = counting();
    const keep = async (request: Request): Promise<Response> => {
      bodies.push(await request.clone().text());
      return bodies.length === 1 ? new Response(null, { status: 503 }) : handler(request);
    };
    const server = await start(serve(keep));

    expect(await messengerTo(server.url).messenger.send(messageOf())).toMatchObject({ kind: 'ok', attempts: 2 });
    expect(bodies[1]).toBe(bodies[0]);
  });

  it('asks for headers at each attempt', async () => {
    const { handler } = counting();
    const server = await start(unavailable, unavailable, serve(handler));
    await messengerTo(server.url, {}, { headers: ({ attempt }) => ({ 'x-attempt': String(attempt) }) }).messenger.send(messageOf());

    expect(server.requests.map(({ headers }) => headers['x-attempt'])).toEqual(['1', '2', '3']);
  });

  it('an observer that throws harms nothing', async () => {
    const { handler } = counting();
    const server = await start(unavailable, serve(handler));
    const observe = (): never => {
      throw new Error('fault in a display');
    };

    expect((await messengerTo(server.url, { observe }).messenger.send(messageOf(), { onProgress: observe })).kind).toBe('ok');
  });
});

describe('a consequence whose delivery nobody knows', () => {
  it.each([
    ['a reset connection', reset, 'transport.failed'],
    ['a reset in the middle of the reply', resetInBody(200), 'transport.failed'],
    ['no answer in time', silence, 'transport.timeout', 100],
    ['a page of HTML on 502', answer(502, '<html>Bad gateway</html>', { 'content-type': 'text/html' }), 'transport.status'],
    ['500 with an OperationOutcome', answer(500, '{"resourceType":"OperationOutcome","issue":[]}'), 'transport.status'],
  ] as const)('stops after %s: delivery unknown', async (_, step, code, timeoutMs: number = 30_000) => {
    const server = await start(step);
    const { messenger, events } = messengerTo(server.url, { timeoutMs });

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ code, delivery: 'unknown', attempts: 1 });
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'unknown', unanswered: true, code });
  });

  it('stops after a dropped reply, since nothing is known of the peer: processed once, and the sender told that it does not know', async () => {
    const { handler, runs } = counting();
    const server = await start(dropReply(handler));

    await expect(messengerTo(server.url).messenger.send(messageOf())).rejects.toMatchObject({ code: 'transport.failed', delivery: 'unknown', attempts: 1 });
    expect(server.requests).toHaveLength(1);
    expect(runs()).toBe(1);
  });

  it('is sent again after dropped replies where the peer remembers: one outcome, and its one reply', async () => {
    const { handler, runs } = counting();
    const server = await start(dropReply(handler), dropReply(handler), serve(handler));
    const reply = await messengerTo(server.url, known).messenger.send(messageOf());

    expect(reply).toMatchObject({ kind: 'ok', attempts: 3 });
    expect(reply.kind === 'ok' && reply.message.graph.all('Patient')[0]?.id).toBe('1');
    expect(runs()).toBe(1);
  });

  it('sent again by a person, the same message gets the same reply', async () => {
    const { handler, runs } = counting();
    const server = await start(dropReply(handler), serve(handler));
    const { messenger } = messengerTo(server.url);
    const message = messageOf();
    await expect(messenger.send(message)).rejects.toMatchObject({ delivery: 'unknown' });

    expect((await messenger.send(message)).kind).toBe('ok');
    expect(runs()).toBe(1);
  });

  it.each(['currency', 'notification'] as const)('a %s is sent again in a new Bundle, and may be processed twice', async (category) => {
    const { handler, runs } = counting({}, category);
    const server = await start(dropReply(handler), serve(handler));

    expect(await messengerTo(server.url).messenger.send(messageOf(category))).toMatchObject({ kind: 'ok', attempts: 2 });
    expect(runs()).toBe(2);
  });

  it('nobody listens: surely not delivered, so tried again freely', async () => {
    const server = await startServer(silence);
    await server.stop();
    const { messenger, waits } = messengerTo(server.url);

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no', attempts: 4 });
    expect(waits).toHaveLength(3);
  });

  it('the certificate of the server is not trusted: surely not delivered, and the server saw no request', async () => {
    let requests = 0;
    const server = createServer(selfSigned(), () => (requests += 1)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { messenger } = messengerTo(`https://localhost:${(server.address() as AddressInfo).port}/r4`);

    await expect(messenger.send(messageOf())).rejects.toMatchObject({ code: 'transport.failed', delivery: 'no', message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT') });
    expect(requests).toBe(0);
  });
});

describe('an answer that cannot be used', () => {
  it.each([
    ['broken JSON', '{"resourceType":"Bundle","type":"mess'],
    ['a page of HTML', '<html>All is well</html>'],
    ['nothing', ''],
    ['an OperationOutcome', '{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]}'],
  ])('200 with %s where a reply should be: delivery yes, and it is not sent again', async (_, body) => {
    const server = await start(answer(200, body));

    await expect(messengerTo(server.url, known).messenger.send(messageOf())).rejects.toMatchObject({ code: 'reply.invalid', delivery: 'yes', status: 200 });
    expect(server.requests).toHaveLength(1);
  });

  it('the reply to another request: reply.mismatch, delivery unknown', async () => {
    const server = await start(answer(200, JSON.stringify(createReply(messageOf(), { source }).bundle)));

    await expect(messengerTo(server.url, known).messenger.send(messageOf())).rejects.toMatchObject({ code: 'reply.mismatch', delivery: 'unknown' });
    expect(server.requests).toHaveLength(1);
  });

  it('a body past the limit is not read to its end: delivery yes', async () => {
    const server = await start(answer(200, 'x'.repeat(1_000_000)));

    await expect(messengerTo(server.url, {}, { maxBodyBytes: 1000 }).messenger.send(messageOf())).rejects.toMatchObject({ code: 'reply.invalid', delivery: 'yes' });
  });

  it('an error keeps its status though its body breaks off', async () => {
    const server = await start(resetInBody(404));

    expect(await messengerTo(server.url).messenger.send(messageOf())).toMatchObject({ kind: 'refused', http: { status: 404 } });
  });

  it.each([301, 302, 303, 307, 308])('%s is not followed: delivery unknown', async (status) => {
    const { handler, runs } = counting();
    const elsewhere = await start(serve(handler));
    const server = await start(answer(status, '', { location: `${elsewhere.url}/$process-message` }));
    const sending = messengerTo(server.url, {}, { headers: { authorization: 'Bearer t' } }).messenger.send(messageOf());

    await expect(sending).rejects.toMatchObject({ code: 'transport.status', status, delivery: 'unknown', attempts: 1 });
    expect(elsewhere.requests).toEqual([]);
    expect(runs()).toBe(0);
  });
});

describe('a redirect within the origin', () => {
  it.each([307, 308])('%s is followed with the same bytes and the same token: one attempt, one outcome', async (status) => {
    const { handler, runs } = counting();
    const server = await start(answer(status, '', { location: '/moved/$process-message' }), serve(handler));
    const reply = await messengerTo(server.url, {}, { headers: { authorization: 'Bearer t' } }).messenger.send(messageOf());

    expect(reply).toMatchObject({ kind: 'ok', attempts: 1 });
    expect(server.requests.map(({ method, url, headers }) => [method, url, headers.authorization])).toEqual([
      ['POST', '/r4/$process-message', 'Bearer t'],
      ['POST', '/moved/$process-message', 'Bearer t'],
    ]);
    expect(runs()).toBe(1);
  });

  it('to another origin that is allowed, the message goes and the token does not', async () => {
    const { handler, runs } = counting();
    const elsewhere = await start(serve(handler));
    const server = await start(answer(307, '', { location: `${elsewhere.url}/$process-message` }));
    const { messenger } = messengerTo(server.url, {}, { headers: { authorization: 'Bearer t' }, redirectOrigins: [new URL(elsewhere.url).origin] });

    expect((await messenger.send(messageOf())).kind).toBe('ok');
    expect(elsewhere.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(runs()).toBe(1);
  });
});

describe('aborting over HTTP', () => {
  const reason = { why: 'the user left' };

  it('before anything was sent: no request, delivery no', async () => {
    const server = await start(silence);
    const { messenger, events } = messengerTo(server.url);

    await expect(messenger.send(messageOf(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
    expect(events).toEqual([{ kind: 'delivery', attempt: 0, delivery: 'no', unanswered: false }]);
  });

  it('while headers are asked for: no request', async () => {
    const server = await start(silence);
    const controller = new AbortController();
    const headers = (): Promise<never> => {
      controller.abort(reason);
      return new Promise(() => undefined);
    };

    await expect(messengerTo(server.url, {}, { headers }).messenger.send(messageOf(), { signal: controller.signal })).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
  });

  it('while the server works: delivery unknown, and the server is told', async () => {
    const controller = new AbortController();
    let tell: (reason: unknown) => void = () => undefined;
    const told = new Promise((resolve) => (tell = resolve));
    const handler = httpHandler(
      createReceiver({ source }).on(admission(), ({ signal }) => {
        signal.addEventListener('abort', () => tell(signal.reason));
        controller.abort(reason);
        return new Promise(() => undefined);
      }),
    );
    const server = await start(serve(handler));
    const { messenger, events } = messengerTo(server.url);

    await expect(messenger.send(messageOf(), { signal: controller.signal })).rejects.toBe(reason);
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'unknown', unanswered: true });
    expect(await told).toMatchObject({ name: 'AbortError' });
  });

  it('while the reply is being read: delivery unknown', async () => {
    const controller = new AbortController();
    const server = await start((incoming, outgoing) => {
      incoming.resume().on('end', () => {
        outgoing.writeHead(200, { 'content-length': '5000' });
        outgoing.write('{', () => {
          controller.abort(reason);
        });
      });
    });
    const { messenger, events } = messengerTo(server.url);

    await expect(messenger.send(messageOf(), { signal: controller.signal })).rejects.toBe(reason);
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'unknown', unanswered: true });
  });

  it('while waiting after 503: delivery no', async () => {
    const controller = new AbortController();
    const server = await start(unavailable);
    const sleep = (): Promise<void> => {
      controller.abort(reason);
      return Promise.resolve();
    };
    const { messenger, events } = messengerTo(server.url, { sleep });

    await expect(messenger.send(messageOf(), { signal: controller.signal })).rejects.toBe(reason);
    expect(server.requests).toHaveLength(1);
    expect(events.at(-1)).toEqual({ kind: 'delivery', attempt: 1, delivery: 'no', unanswered: false });
  });
});
