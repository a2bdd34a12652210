import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, reset, startServer } from '../exchange/loopback.ts';
import type { Loopback, Step } from '../exchange/loopback.ts';
import { launchChromium } from './launch-chromium.ts';

const require = createRequire(import.meta.url);
const built = (name: string): URL => new URL(`../../packages/${name}/dist/index.js`, import.meta.url);
const immer = createRequire(new URL('../../packages/core/package.json', import.meta.url)).resolve('immer').replace(/\/dist\/.*$/, '/dist/immer.production.mjs');

const imports = { '@fhir-messaging/core': '/core.js', '@fhir-messaging/fhirclient': '/fhirclient.js', immer: '/immer.js' };
const page = `<!doctype html>
<title>A SMART app</title>
<link rel="icon" href="data:,">
<script src="/fhir-client.min.js"></script>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
  import { createMessage, defineEvent } from '@fhir-messaging/core';
  import { smartReader, smartTransport } from '@fhir-messaging/fhirclient';
  const event = defineEvent({ uri: 'urn:example:admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
  const message = createMessage(event, { Patient: { resourceType: 'Patient' } }, { source: 'https://app.example.org' });
  const outgoing = { bytes: message.bytes, message, attempt: 1, signal: new AbortController().signal };
  window.sendOver = async (state) => {
    try {
      // A frozen client works, but for a refresh, which fhirclient notes on itself.
      const client = state.tokenUri ? FHIR.client(state) : Object.freeze(FHIR.client(state));
      const { status, headers, body } = await smartTransport(client, Object.freeze({}))(outgoing);
      return { status, headers: Object.fromEntries(headers), body: body && new TextDecoder().decode(body) };
    } catch ({ code, status, delivery, issues }) {
      return { code, status, delivery, issues };
    }
  };
  window.readOver = (state, reference) => smartReader(FHIR.client(state)).read(reference, {});
</script>`;

const files: Readonly<Record<string, readonly [type: string, body: () => string | Buffer]>> = {
  '/': ['text/html', () => page],
  '/fhir-client.min.js': ['text/javascript', () => readFileSync(require.resolve('fhirclient/build/fhir-client.min.js'))],
  '/core.js': ['text/javascript', () => readFileSync(built('core'))],
  '/fhirclient.js': ['text/javascript', () => readFileSync(built('fhirclient'))],
  '/immer.js': ['text/javascript', () => readFileSync(immer)],
};

const serveFile: Step = ({ url = '' }, outgoing) => {
  const [type, body] = files[url] ?? ['text/plain', () => ''];
  outgoing.writeHead(files[url] === undefined ? 404 : 200, { 'content-type': type }).end(body());
};

const outcome = '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"throttled"}]}';
const fhirJson = { 'content-type': 'application/fhir+json' };

/** What a server of another origin than the page's has to say so that the page may see all of an answer. */
const shared = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization, content-type', 'access-control-expose-headers': 'retry-after' };

/** Answers the preflight of each request, on a connection of its own, and follows a script for the others. */
function crossOrigin(...steps: readonly Step[]): Step {
  let made = 0;
  return (incoming, outgoing) => {
    if (incoming.method === 'OPTIONS') {
      outgoing.writeHead(204, { ...shared, connection: 'close' }).end();
      return;
    }
    for (const [name, value] of Object.entries(shared)) outgoing.setHeader(name, value);
    void steps[Math.min(made, steps.length - 1)]?.(incoming, outgoing);
    made += 1;
  };
}

const chromium = await launchChromium();

describe.skipIf(chromium === undefined)('a SMART app in Chromium, with the browser build of fhirclient', () => {
  const browser = chromium as Browser;
  let app: Loopback;
  let tab: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    app = await startServer(serveFile);
    tab = await browser.newPage();
    tab.on('pageerror', (error) => faults.push(error.message));
    await tab.goto(new URL('/', app.url).href);
    expect(faults).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  /** Runs something in the page over a client of that state; with the requests that were made, preflights aside. */
  async function inPage(call: string, steps: readonly Step[], state: object = {}): Promise<{ result: unknown; sent: unknown[] }> {
    const server = await startServer(crossOrigin(...steps));
    try {
      const full = JSON.stringify({ serverUrl: server.url, tokenResponse: { access_token: 'first' }, ...state });
      const result: unknown = await tab.evaluate(call.replace('STATE', full));
      return { result, sent: server.requests.filter(({ method }) => method !== 'OPTIONS').map(({ method, headers }) => [method, headers.authorization]) };
    } finally {
      await server.stop();
    }
  }

  it.each<[says: string, step: Step, result: object]>([
    ['200 with a Bundle', answer(200, '{"resourceType":"Bundle"}', fhirJson), { status: 200, headers: fhirJson, body: '{"resourceType":"Bundle"}' }],
    ['202, empty', answer(202), { status: 202 }],
    ['202 with a JSON content type and no body', answer(202, '', fhirJson), { status: 202, headers: fhirJson }],
    ['204', answer(204), { status: 204 }],
    ['400', answer(400, outcome, fhirJson), { status: 400, body: outcome }],
    ['401', answer(401, outcome), { code: 'session.expired', status: 401, delivery: 'no', issues: [{ severity: 'error', code: 'throttled' }] }],
    ['422', answer(422, outcome, fhirJson), { status: 422, body: outcome }],
    ['429 with Retry-After', answer(429, outcome, { 'retry-after': '7' }), { status: 429, headers: { 'retry-after': '7' }, body: outcome }],
    ['503', answer(503, outcome), { status: 503, body: outcome }],
    ['a reset', reset, { code: 'transport.failed', delivery: 'unknown' }],
  ])('%s: lossless, one request', async (_, step, result) => {
    const { result: came, sent } = await inPage('sendOver(STATE)', [step]);

    expect(came).toMatchObject(result);
    expect(sent).toEqual([['POST', 'Bearer first']]);
  });

  it('a 401 has the token renewed by the client, and the same message posted again', async () => {
    const tokenEndpoint = await startServer(crossOrigin(answer(200, '{"access_token":"second","expires_in":3600}', { 'content-type': 'application/json' })));
    try {
      const tokenResponse = { access_token: 'first', refresh_token: 'renew-1', scope: 'offline_access' };
      const { result, sent } = await inPage('sendOver(STATE)', [answer(401), answer(204)], { tokenUri: tokenEndpoint.url, expiresAt: 4_102_444_800, tokenResponse });

      expect(result).toMatchObject({ status: 204 });
      expect(sent).toEqual([['POST', 'Bearer first'], ['POST', 'Bearer second']]);
    } finally {
      await tokenEndpoint.stop();
    }
  });

  it('reads with the same session', async () => {
    const { result, sent } = await inPage("readOver(STATE, 'Patient/1')", [answer(200, '{"resourceType":"Patient"}')]);

    expect(result).toEqual({ resourceType: 'Patient' });
    expect(sent).toEqual([['GET', 'Bearer first']]);
  });
});
