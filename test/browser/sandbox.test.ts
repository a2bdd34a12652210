import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo } from 'node:net';
import { createSandbox, type Sandbox } from '@fhir-messaging/sandbox';
import { type Browser, type Frame, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from './launch-chromium.ts';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const head = '<!doctype html><html lang="en"><title>App</title><script src="/fhir-client.min.js"></script><script src="/fhir-messaging.min.js"></script>';
const scope = 'launch launch/patient openid fhirUser offline_access user/*.read user/Messaging.write';

const launchPage = `${head}<script>FHIR.oauth2.authorize({ clientId: 'page-app', scope: '${scope}', redirectUri: '/', completeInTarget: true, ...(new URLSearchParams(location.search).has('iss') ? {} : { iss: location.hash.slice(1) }) });</script>`;

/** A SMART app in one page: it says whom it was launched for, and refers that patient when its button is pressed. */
const appPage = `${head}<h1>App</h1><p id="patient"></p><button>Refer</button><p id="reply"></p><script>
  const { createMessenger, defineEvent, processMessageTransport } = FhirMessaging;
  const event = defineEvent({ coding: { system: 'http://ntst.com/fhir/message-events', code: 'submit-service-request' }, category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1' } });
  FHIR.oauth2.ready().then((client) => {
    document.getElementById('patient').textContent = client.patient.id;
    document.querySelector('button').onclick = async () => {
      const base = client.state.serverUrl;
      const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: base, headers: { authorization: client.getAuthorizationHeader() } }), source: 'https://app.example.org', peer: { reliableCacheMinutes: 60 } });
      const [ServiceRequest, Patient] = await Promise.all([client.request('ServiceRequest/' + client.patient.id + '-order'), client.patient.read()]);
      const reply = await messenger.send(messenger.create(event, { ServiceRequest, Patient }, { base }));
      document.getElementById('reply').textContent = reply.kind + ' after ' + reply.attempts;
    };
  }, (error) => { document.getElementById('patient').textContent = error.message; });
</script>`;

const files: Readonly<Record<string, { readonly type: string; readonly body: () => string | Buffer }>> = {
  '/launch': { type: 'text/html', body: () => launchPage },
  '/': { type: 'text/html', body: () => appPage },
  '/fhir-client.min.js': { type: 'text/javascript', body: () => readFileSync(require.resolve('fhirclient/build/fhir-client.min.js')) },
  '/fhir-messaging.min.js': { type: 'text/javascript', body: () => readFileSync(new URL('../../packages/core/dist/fhir-messaging.min.js', import.meta.url)) },
};

const chromium = await launchChromium();

describe.skipIf(chromium === undefined)('the sandbox, in a browser', () => {
  const browser = chromium as Browser;
  let server: Server;
  let app: string;
  let sandbox: Sandbox;
  let tab: Page;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const file = files[new URL(request.url ?? '', 'http://localhost').pathname];
      response.writeHead(file === undefined ? 404 : 200, { 'content-type': file?.type ?? 'text/plain' }).end(file?.body());
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    app = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  beforeEach(async () => {
    sandbox = await createSandbox();
    tab = await browser.newPage();
  });

  afterEach(async () => {
    await tab.close();
    await sandbox.close();
  });

  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  });

  const chooseAndLaunch = async (patient: string): Promise<void> => {
    await tab.getByLabel('Patient').selectOption(patient);
    await tab.getByLabel('Launch URL of your app').fill(`${app}/launch`);
    await tab.getByRole('button', { name: 'Launch' }).click();
  };

  const launchedFor = async (where: Page | Frame): Promise<string | null> => {
    await where.waitForFunction("document.getElementById('patient')?.textContent");
    return where.locator('#patient').textContent();
  };

  it('launches an app from the EHR, whose referral shows on a page that is open, with the reply lost on its way', async () => {
    const manager = await browser.newPage();
    await manager.goto(sandbox.managerUrl);
    await manager.getByLabel('What').selectOption('drop-reply');
    await manager.getByRole('button', { name: 'Switch on' }).click();
    await tab.goto(sandbox.ehrUrl);
    await chooseAndLaunch('ben-okafor');
    expect(await launchedFor(tab)).toBe('ben-okafor');

    await tab.getByRole('button', { name: 'Refer' }).click();

    await tab.getByText('ok after 2').waitFor();
    await manager.getByRole('heading', { name: 'Referrals received: 1' }).waitFor();
    await manager.getByRole('heading', { name: 'Requests to $process-message: 2' }).waitFor();
    expect(await manager.getByRole('link', { name: 'ben-okafor-order' }).count()).toBe(1);
    await manager.close();
  });

  it('launches an app in a frame of another site, without a cookie', async () => {
    await tab.goto(sandbox.ehrUrl);
    await tab.getByLabel('Inside this EHR').check();
    await chooseAndLaunch('clara-lind');

    await tab.waitForURL(/localhost:\d+\/frame/);
    const frame = await (await tab.waitForSelector('iframe')).contentFrame();
    expect(frame && (await launchedFor(frame))).toBe('clara-lind');
    expect(await tab.context().cookies()).toEqual([]);
  });

  it('lets an app start by itself, and asks on a page that works with the keyboard alone', async () => {
    await tab.goto(`${app}/launch#${sandbox.baseUrl}`);
    await tab.getByRole('heading', { name: 'An app asks for access' }).waitFor();
    await tab.getByLabel('Patient').focus();
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('Tab');
    await tab.keyboard.press('Enter');

    expect(await launchedFor(tab)).toBe('ben-okafor');
  });

  it.each([1280, 390])('has no page with a fault that axe-core finds, or that is wider than %d pixels', async (width) => {
    await tab.setViewportSize({ width, height: 900 });
    await tab.goto(sandbox.ehrUrl);
    await chooseAndLaunch('amy-shaw');
    await launchedFor(tab);
    await tab.getByRole('button', { name: 'Refer' }).click();
    await tab.getByText('ok after 1').waitFor();
    sandbox.faults.switchOn('delay');
    const [url = ''] = sandbox.referrals.keys();
    const query = new URLSearchParams({ response_type: 'code', client_id: 'app', redirect_uri: app, state: 's', aud: sandbox.baseUrl, scope, code_challenge: 'x', code_challenge_method: 'S256' });
    const pages = [sandbox.ehrUrl, sandbox.managerUrl, `${sandbox.managerUrl}/referral?${new URLSearchParams({ url })}`, `${sandbox.managerUrl}/request/1`, `${new URL(sandbox.ehrUrl).origin}/auth/authorize?${query}`];

    const context = await browser.newContext({ bypassCSP: true, viewport: { width, height: 900 } });
    const reader = await context.newPage();
    for (const page of pages) {
      await reader.goto(page);
      await reader.evaluate(axe);
      const violations = await reader.evaluate<string[]>('axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes[0].html))');
      expect([page, violations, await reader.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')]).toEqual([page, [], true]);
    }
    await context.close();
  });
});
