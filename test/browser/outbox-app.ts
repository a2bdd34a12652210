import { createReceiver, httpHandler, memoryCache, toNodeHandler } from '@fhir-messaging/receiver';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { admission } from '../exchange/loopback.ts';
import { startServer } from '../exchange/loopback.ts';
import type { Step } from '../exchange/loopback.ts';

const folder = (name: string): URL => new URL(`../../packages/${name}/`, import.meta.url);
const installed = (by: string, name: string, file: string): string =>
  createRequire(new URL('package.json', folder(by))).resolve(name).replace(/\/(dist|build)\/.*$/, file);

const imports = {
  '@fhir-messaging/core': '/core/index.js',
  '@fhir-messaging/outbox': '/outbox/index.js',
  '@fhir-messaging/storage/indexeddb': '/storage/indexeddb.js',
  immer: '/immer.js',
  idb: '/idb.js',
};

/** An app with an outbox, as a bundler would put it together; what it does differently is said in its address. */
const page = `<!doctype html>
<title>An app with an outbox</title>
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
  import { createMessage, createMessenger, defineEvent, processMessageTransport } from '@fhir-messaging/core';
  import { aesGcm, createOutbox, keepSending } from '@fhir-messaging/outbox';
  import { indexedDbOutboxStore } from '@fhir-messaging/storage/indexeddb';

  const said = new URLSearchParams(location.search);
  const source = 'https://app.example.org';
  const event = defineEvent({ coding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
  const counted = async (...request) => {
    const response = await fetch(...request);
    window.sent = (window.sent ?? 0) + 1;
    return response;
  };
  const messenger = createMessenger({
    transport: processMessageTransport({ baseUrl: location.origin + '/r4', headers: { 'x-tab': said.get('tab') ?? '' }, fetch: counted }),
    source,
    retry: { maxAttempts: 1 },
  });
  // A bucket of Chromium's has a quota of its own.
  const bucket = said.has('quota') && await navigator.storageBuckets.open('small', { quota: Number(said.get('quota')) });
  if (bucket) Object.defineProperty(window, 'indexedDB', { value: bucket.indexedDB });
  const key = said.has('sealed') && await crypto.subtle.importKey('raw', new Uint8Array(32).fill(7), 'AES-GCM', false, ['encrypt', 'decrypt']);
  let openTransactions = 0;
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...how) {
    const transaction = begin.apply(this, how);
    openTransactions += 1;
    for (const end of ['complete', 'abort']) transaction.addEventListener(end, () => { openTransactions -= 1; });
    return transaction;
  };
  const outbox = createOutbox({
    store: indexedDbOutboxStore('outbox'),
    messenger,
    account: { issuer: 'https://ehr.example.org', baseUrl: location.origin, clientId: 'app', user: said.get('user') ?? 'Practitioner/1' },
    events: [event],
    peer: said.has('cache') ? { reliableCacheMinutes: 60 } : {},
    seal: key ? aesGcm({ keyName: 'test', keys: { test: key } }) : undefined,
    leaseMs: 1000,
  });
  const messageOf = (family) => createMessage(event, { Patient: { resourceType: 'Patient', name: [{ family }] } }, { source });
  window.app = {
    outbox,
    durability: () => outbox.durability,
    keep: () => { window.stop = keepSending(outbox, { pollMs: 200 }); },
    async enqueue(count = 1, family = 'Miller') {
      try {
        for (let place = 0; place < count; place += 1) await outbox.enqueue(messageOf(family));
        return 'queued';
      } catch (error) {
        return error.code + ': ' + error.message;
      }
    },
    states: async () => (await outbox.list()).entries.map(({ state }) => state),
    list: () => outbox.list(),
    // Stops at the next moment at which it has no transaction open: a tab that stopped within one would hold up the database for every
    // other, and Chromium does not freeze a tab there.
    freeze() {
      const look = () => {
        if (openTransactions > 0) return setTimeout(look);
        debugger;
      };
      setTimeout(look);
    },
    // Drains, and counts what was settled between each two frames.
    async drain() {
      const perFrame = [];
      const progress = [];
      let settled = 0;
      let isOver = false;
      outbox.subscribe(() => progress.push(outbox.getState().entries.filter(({ state }) => state === 'replied').length));
      const original = messenger.send;
      const frame = () => { perFrame.push(window.sent ?? 0); window.sent = 0; if (!isOver) requestAnimationFrame(frame); };
      requestAnimationFrame(frame);
      await outbox.run();
      isOver = true;
      return { perFrame, progress, states: await this.states() };
    },
  };
  if (!said.has('idle')) window.app.keep();
  window.isReady = true;
</script>`;

/** What arrived, from which tab, and when. */
interface Arrival {
  readonly tab: string;
  readonly beganAt: number;
  endedAt: number | undefined;
}

/** An app, and a receiver behind it; every message that was processed, and every request. */
export interface OutboxApp {
  /** On another host name: another site. */
  readonly url: string;
  readonly processed: string[];
  readonly arrivals: Arrival[];
  /** What is done with the answers from now on: given, or kept back though the message is processed. */
  answers: 'given' | 'kept';
  stop(): Promise<void>;
}

const types = { js: 'text/javascript', html: 'text/html' };

/** Starts the app on a free loopback port. */
export async function startOutboxApp(): Promise<OutboxApp> {
  const processed: string[] = [];
  const arrivals: Arrival[] = [];
  const receiver = createReceiver({ source: 'https://b.example.org', cache: memoryCache() }).on(admission(), ({ message, graph }) => {
    processed.push(message.identity.message ?? '');
    return { focus: graph.all('Patient') };
  });
  const answered = toNodeHandler(httpHandler(receiver));
  const file = (url: string): string | Buffer => {
    if (url === '/immer.js') return readFileSync(installed('core', 'immer', '/dist/immer.production.mjs'));
    if (url === '/idb.js') return readFileSync(installed('storage', 'idb', '/build/index.js'));
    const [, name = '', path = ''] = /^\/(core|outbox|storage)\/([\w./-]+\.js)$/.exec(url) ?? [];
    return name === '' ? page : readFileSync(new URL(`dist/${path}`, folder(name)));
  };
  const step: Step = (incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://localhost');
    if (incoming.method === 'POST') {
      const arrival: Arrival = { tab: String(incoming.headers['x-tab'] ?? ''), beganAt: performance.now(), endedAt: undefined };
      arrivals.push(arrival);
      const over = (): void => void (arrival.endedAt ??= performance.now());
      outgoing.on('close', over).on('finish', over);
      const nowhere = { statusCode: 0, writableFinished: false, setHeader: () => undefined, on: () => undefined, end: () => undefined };
      answered(incoming, app.answers === 'given' ? outgoing : nowhere);
      return;
    }
    const frame = searchParams.get('frame');
    const body = pathname === '/ehr' ? `<!doctype html><title>An EHR</title><iframe name="app" src="${frame}" ${searchParams.has('sandbox') ? 'sandbox="allow-scripts"' : ''}></iframe>` : file(pathname);
    outgoing.writeHead(200, { 'content-type': pathname.endsWith('.js') ? types.js : types.html, 'access-control-allow-origin': '*' }).end(body);
  };
  const server = await startServer(step);
  const app: OutboxApp = {
    url: new URL('/', server.url).href,
    processed,
    arrivals,
    answers: 'given',
    stop: () => server.stop(),
  };
  return app;
}
