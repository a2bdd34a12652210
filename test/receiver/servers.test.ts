import { createMessage, createMessenger, defineEvent, processMessageTransport } from '@fhir-messaging/core';
import { createReceiver, httpHandler, toNodeHandler } from '@fhir-messaging/receiver';
import express from 'express';
import { Hono } from 'hono';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';

const source = 'https://app.example.org';
const admit = defineEvent({ coding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });

type Handler = (request: Request) => Promise<Response>;

/** A receiver whose handler counts, for senders that say who they are. */
function received(): { handler: Handler; senders: unknown[] } {
  const senders: unknown[] = [];
  const receiver = createReceiver({ source: 'https://manager.example.org' }).on(admit, ({ payload, sender }) => {
    senders.push(sender);
    return { focus: [payload.Patient] };
  });
  return { senders, handler: httpHandler(receiver, { authenticate: (request) => request.headers.get('x-client') ?? undefined }) };
}

/** Serves on a free loopback port; gives the base URL of what is mounted at `/r4`. */
async function listen(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/r4`, send: fetch, stop };
}

interface Served {
  readonly baseUrl: string;
  readonly send: typeof fetch;
  readonly stop: () => Promise<void>;
}

/** Each way of serving a receiver, as an application writes it. */
const servers: readonly (readonly [string, (handler: Handler) => Promise<Served>])[] = [
  ['node:http', (handler) => listen(toNodeHandler(handler))],
  [
    'Express, mounted below a path, before its body parsers',
    (handler) => {
      const app = express();
      app.all('/r4/$process-message', toNodeHandler(handler));
      app.use(express.json());
      return listen(app);
    },
  ],
  [
    'an Express router',
    (handler) => {
      const router = express.Router().all('/$process-message', toNodeHandler(handler));
      return listen(express().use('/r4', router));
    },
  ],
  [
    'Hono',
    async (handler) => {
      const app = new Hono().basePath('/r4');
      app.all('/$process-message', (context) => handler(context.req.raw));
      return { baseUrl: 'https://manager.example.org/r4', send: async (...input) => app.fetch(new Request(...input)), stop: () => Promise.resolve() };
    },
  ],
  [
    'plain Request and Response, as in a worker',
    async (handler) => {
      const worker = { fetch: handler };
      return { baseUrl: 'https://manager.example.org/r4', send: (...input) => worker.fetch(new Request(...input)), stop: () => Promise.resolve() };
    },
  ],
];

describe.each(servers)('a receiver behind %s', (_, serve) => {
  it('answers a message with its reply, and a resent one with the same', async () => {
    const { handler, senders } = received();
    const { baseUrl, send, stop } = await serve(handler);
    try {
      const messenger = createMessenger({ transport: processMessageTransport({ baseUrl, fetch: send, headers: { 'x-client': 'ward' } }) });
      const message = createMessage(admit, { Patient: { resourceType: 'Patient' } }, { source });
      const replies = [await messenger.send(message), await messenger.send(message)];

      expect(replies.map(({ kind }) => kind)).toEqual(['ok', 'ok']);
      const [first, second] = replies.map((reply) => (reply.kind === 'ok' ? reply.message.bundle : undefined));
      expect(second).toEqual(first);
      expect(senders).toEqual(['ward']);
    } finally {
      await stop();
    }
  });

  it('answers errors with their status, headers and an OperationOutcome', async () => {
    const { handler, senders } = received();
    const { baseUrl, send, stop } = await serve(handler);
    const ask = async (init: RequestInit) => {
      const response = await send(`${baseUrl}/$process-message`, init);
      const body: unknown = await response.json();
      return { status: response.status, allow: response.headers.get('allow'), id: response.headers.get('x-request-id'), body };
    };
    const headers = { 'x-client': 'ward', 'x-request-id': 'r-1', 'content-type': 'application/fhir+json' };
    const body = { resourceType: 'OperationOutcome' };
    try {
      expect(await ask({ headers })).toMatchObject({ status: 405, allow: 'POST', id: 'r-1', body });
      expect(await ask({ method: 'POST', body: '{}', headers: { ...headers, 'x-client': '' } })).toMatchObject({ status: 401, body });
      expect(await ask({ method: 'POST', body: '<Bundle/>', headers: { ...headers, 'content-type': 'application/fhir+xml' } })).toMatchObject({ status: 415, body });
      expect(await ask({ method: 'POST', body: 'no JSON', headers })).toMatchObject({ status: 400, id: 'r-1', body });
      expect(senders).toEqual([]);
    } finally {
      await stop();
    }
  });
});
