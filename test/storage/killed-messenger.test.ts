import { createMessenger, processMessageTransport } from '@fhir-messaging/core';
import type { AcceptResult } from '@fhir-messaging/core';
import { createReceiver, httpHandler, memoryCache, toNodeHandler } from '@fhir-messaging/receiver';
import type { Replies } from '@fhir-messaging/receiver';
import { publicFetch } from '@fhir-messaging/receiver/node';
import { sqlitePendingStore } from '@fhir-messaging/storage/sqlite';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { admit } from './events.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function deferred<T = void>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** A messenger in another process, until it is killed. */
function startMessenger(file: string, receiver: string, source: string) {
  const path = fileURLToPath(new URL('killed-messenger.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@fhir-messaging/source', path, file, receiver, source], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  return {
    said: once(child.stdout, 'data').then(([chunk]) => String(chunk).trim()),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

type Child = ReturnType<typeof startMessenger>;

/**
 * A receiver that takes custody, and a messenger's inbox, which is there again when the messenger is: whoever runs it keeps its address. The
 * reply is held back until `handle` is called.
 */
async function setUp(beforeAnswer: (child: Child) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'killed-messenger-'));
  stops.push(() => rmSync(folder, { recursive: true }));
  const gate = deferred();
  const custody = deferred();
  let inbox: RequestListener = (_, answer) => answer.writeHead(503).end();
  let received = new Uint8Array();
  const source = await serve((request, answer) => inbox(request, answer));
  const receiver = createReceiver({
    source: 'https://manager.example.org/r4',
    cache: memoryCache(),
    replyTo: { origins: () => [source], fetch: publicFetch({ privateOrigins: [source] }), allowVolatileCustody: true },
  }).on(admit, async ({ message, payload }) => {
    received = message.bytes;
    await gate.promise;
    return { focus: [payload.Patient] };
  });
  await receiver.resume();
  stops.push(() => receiver.close());
  const handler = httpHandler(receiver);
  const started = deferred<Child>();
  const address = await serve(
    toNodeHandler(async (request) => {
      const answer = await handler(request);
      custody.resolve();
      await beforeAnswer(await started.promise);
      return answer;
    }),
  );
  const file = join(folder, 'requests.db');
  const child = startMessenger(file, address, source);
  stops.push(() => child.kill());
  started.resolve(child);
  await custody.promise;
  return {
    child,
    file,
    address,
    handle: () => gate.resolve(),
    received: () => received,
    open: (replies: Replies, addressOf: () => string) =>
      (inbox = toNodeHandler(httpHandler(createReceiver({ source, replies, addressOf }), { authenticate: () => 'manager' }))),
  };
}

describe('a messenger, killed after custody was taken and started again on the same database', () => {
  it.each([
    ['once it knew', true],
    ['before the answer that says so reached it', false],
  ])('%s: accept settles the reply with the request as it was sent, once', async (_, isAnswered) => {
    const { child, file, address, handle, received, open } = await setUp(isAnswered ? async () => undefined : (running) => running.kill());
    if (isAnswered) expect(await child.said).toBe('accepted');
    await child.kill();

    const pending = sqlitePendingStore(file);
    stops.push(() => pending.close());
    const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: address }), pending });
    const settled = deferred<[AcceptResult, AcceptResult]>();
    const replies: Replies = {
      async accept(reply, options) {
        const first = await messenger.accept(reply, options);
        settled.resolve([first, await messenger.accept(reply, options)]);
        return first;
      },
    };
    open(replies, () => address);
    handle();
    const [first, second] = await settled.promise;

    expect(first).toMatchObject({ kind: 'settled', reply: { kind: 'ok', matched: 'MessageHeader.id', attempts: 1 }, request: { release: 'R4' } });
    expect(Buffer.from(first.request?.bytes ?? []).equals(received())).toBe(true);
    expect(first.reply.message.graph.all('Patient')).toMatchObject([{ name: [{ family: 'Miller' }] }]);
    expect(second).toMatchObject({ kind: 'repeated', another: false });
  });
});
