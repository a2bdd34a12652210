import { createServer, type Server } from 'node:http';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo } from 'node:net';
import { type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from './launch-chromium.ts';

const require = createRequire(import.meta.url);

const page = `<!doctype html>
<title>Two script tags</title>
<script src="/fhir-client.min.js"></script>
<script src="/fhir-messaging.min.js"></script>`;

const files: Readonly<Record<string, { readonly type: string; readonly body: () => string | Buffer }>> = {
  '/': { type: 'text/html', body: () => page },
  '/favicon.ico': { type: 'image/x-icon', body: () => '' },
  '/fhir-client.min.js': { type: 'text/javascript', body: () => readFileSync(require.resolve('fhirclient/build/fhir-client.min.js')) },
  '/fhir-messaging.min.js': { type: 'text/javascript', body: () => readFileSync(new URL('../../packages/core/dist/fhir-messaging.min.js', import.meta.url)) },
};

const sample = readFileSync(new URL('../fixtures/netsmart-update-request.json', import.meta.url), 'utf8');

const chromium = await launchChromium();

describe.skipIf(chromium === undefined)('a page with two script tags', () => {
  const browser = chromium as Browser;
  let server: Server;
  let address: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const file = files[request.url ?? ''];
      if (file === undefined) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'content-type': file.type }).end(file.body());
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  });

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  it('has fhirclient and this SDK side by side, and both work', async () => {
    const tab = await browser.newPage();
    const faults: string[] = [];
    tab.on('pageerror', (error) => faults.push(error.message));
    tab.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });

    await tab.goto(address);
    // A string, since it runs in the page, where the two globals are.
    const found = await tab.evaluate(`(() => {
      const client = FHIR.client('https://example.org/fhir');
      const bundle = ${sample};
      const graph = FhirMessaging.graphOf(bundle);
      return {
        serverUrl: client.state.serverUrl,
        size: graph.size,
        resourceType: graph.get('ServiceRequest/123456')?.resourceType,
        parsed: FhirMessaging.parseGraph(JSON.stringify(bundle)).size,
        edited: FhirMessaging.updateEntry(graph, 'ServiceRequest/123456', (draft) => { draft.priority = 'stat'; }).get('ServiceRequest/123456').priority,
      };
    })()`);

    expect(found).toEqual({ serverUrl: 'https://example.org/fhir', size: 11, resourceType: 'ServiceRequest', parsed: 11, edited: 'stat' });
    expect(faults).toEqual([]);
  });
});
