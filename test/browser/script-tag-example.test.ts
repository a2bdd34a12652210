import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createSandbox, type Sandbox } from '@fhir-messaging/sandbox';
import { type Browser, type Frame, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { servePage, type Served } from '../../examples/script-tag/serve.ts';
import { launchChromium } from './launch-chromium.ts';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const chromium = await launchChromium();

describe.skipIf(chromium === undefined)('examples/script-tag', () => {
  const browser = chromium as Browser;
  let app: Served;
  let sandbox: Sandbox;
  let tab: Page;

  beforeAll(async () => {
    app = await servePage();
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
    await app.stop();
  });

  const refer = async (where: Page | Frame): Promise<void> => {
    await where.getByRole('radio').first().check();
    await where.getByRole('button', { name: 'Refer', exact: true }).click();
  };

  /** The versions of each referral, and how many requests brought them. */
  const held = (): unknown => ({ referrals: [...sandbox.referrals].map(([url, { versions }]) => [url, versions.length]), requests: sandbox.arrivals.length });
  const oneOf = (patient: string, requests: number): unknown => ({ referrals: [[`${sandbox.baseUrl}/ServiceRequest/${patient}-order`, 1]], requests });

  it('is launched from the EHR, refers the order that is picked, with all that it refers to, and shows the reply', async () => {
    await tab.goto(sandbox.launch(app.url, { patient: 'ben-okafor' }));
    await tab.getByRole('heading', { name: 'Refer Ben Okafor, born 1969-11-30' }).waitFor();
    await tab.getByLabel('Substance use assessment').check();
    await tab.getByRole('button', { name: 'Refer', exact: true }).click();

    await tab.getByText('Referred. The referral manager has it as ServiceRequest ben-okafor-order.').waitFor();
    expect(held()).toEqual(oneOf('ben-okafor', 1));
    const { payload, code } = sandbox.messages[0]!;
    expect([code, payload.Patient.id, payload.Coverage?.[0]?.id, payload.QuestionnaireResponse?.[0]?.id]).toEqual(['ok', 'ben-okafor', 'ben-okafor-coverage', 'ben-okafor-intake']);
    expect(await tab.getByRole('listitem').count()).toBe(0);
  });

  it('works in a frame of another site', async () => {
    await tab.goto(sandbox.ehrUrl);
    await tab.getByLabel('Inside this EHR').check();
    await tab.getByLabel('Launch URL of your app').fill(app.url);
    await tab.getByRole('button', { name: 'Launch' }).click();
    await tab.waitForURL(/localhost:\d+\/frame/);
    const frame = (await (await tab.waitForSelector('iframe')).contentFrame())!;
    await refer(frame);

    await frame.getByText('Referred.').waitFor();
    expect(held()).toEqual(oneOf('amy-shaw', 1));
  });

  it.each([
    ['the reply is lost', 'drop-reply', 2],
    ['the server is busy', 'unavailable', 2],
    ['the token is over', 'expired-token', 2],
  ] as const)('refers once where %s', async (_, fault, requests) => {
    await tab.goto(sandbox.launch(app.url));
    await tab.getByRole('radio').first().check();
    sandbox.faults.switchOn({ kind: fault });
    await refer(tab);

    await tab.getByText('Referred.').waitFor();
    expect(held()).toEqual(oneOf('amy-shaw', requests));
  });

  it('refers once where the button is pressed twice at once', async () => {
    await tab.goto(sandbox.launch(app.url));
    await tab.getByRole('radio').first().check();
    await tab.evaluate("for (const press of [1, 2]) document.querySelector('#refer').click()");

    await tab.getByText('Referred.').waitFor();
    expect(held()).toEqual(oneOf('amy-shaw', 1));
  });

  it('lets nobody pick another order while the record is read, and lets them again where it could not be read', async () => {
    await tab.goto(sandbox.launch(app.url));
    const choice = tab.getByRole('radio').first();
    await choice.check();
    let isRead = (): void => undefined;
    const reading = new Promise<void>((resolve) => (isRead = resolve));
    await tab.route(sandbox.baseUrl, async (route) => {
      await reading;
      await route.fulfill({ status: 500 });
    });
    await tab.getByRole('button', { name: 'Refer', exact: true }).click();

    await expect.poll(() => choice.isDisabled()).toBe(true);
    isRead();
    await tab.getByText('Nothing was sent: the record could not be read.').waitFor();
    expect(await choice.isEnabled()).toBe(true);
    expect(await choice.isChecked()).toBe(true);

    await tab.unroute(sandbox.baseUrl);
    await refer(tab);
    await tab.getByText('Referred.').waitFor();
    expect(held()).toEqual(oneOf('amy-shaw', 1));
  });

  it('says after a reload that the referral may have arrived, and sends the same one again', async () => {
    await tab.goto(sandbox.launch(app.url));
    sandbox.faults.switchOn({ kind: 'delay', delayMs: 3_600_000 });
    await refer(tab);
    await tab.getByText('Sending, attempt 1').waitFor();
    await expect.poll(() => sandbox.messages.length).toBe(1);

    await tab.reload();
    await tab.getByRole('status').getByText('It may have arrived.').waitFor();
    expect(await tab.getByRole('button', { name: 'Refer', exact: true }).isDisabled()).toBe(true);
    await tab.getByRole('button', { name: 'Send the same one again' }).click();

    await tab.getByText('Referred.').waitFor();
    expect(sandbox.referrals.size).toBe(1);
    expect(sandbox.messages).toHaveLength(1);
    await tab.reload();
    await tab.getByText('Pick an order').waitFor();
  });

  it('goes on to another order where a referral was taken over, after a reload too: that one is settled', async () => {
    await tab.goto(sandbox.launch(app.url));
    sandbox.faults.switchOn('accepted');
    await refer(tab);
    await tab.getByText('Taken over. The reply comes later.').waitFor();
    await tab.getByRole('button', { name: 'Refer another order' }).waitFor();
    await tab.reload();

    await tab.getByText('Pick an order').waitFor();
    expect(held()).toEqual(oneOf('amy-shaw', 1));
  });

  it('names a referral only where the reply does', async () => {
    await tab.goto(sandbox.launch(app.url));
    sandbox.replyNext({ code: 'ok' });
    await refer(tab);
    await tab.getByText('Referred.').waitFor();
    expect(await tab.getByRole('status').textContent()).toBe('Referred.');

    await tab.route('**/$process-message', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 204, headers: { 'access-control-allow-origin': '*' } }) : route.fallback()));
    await tab.getByRole('button', { name: 'Refer another order' }).click();
    await refer(tab);
    await tab.getByText('Referred.').waitFor();
    expect(await tab.getByRole('status').textContent()).toBe('Referred.');
  });

  it('says where to go on where the sign-in is over', async () => {
    await tab.goto(sandbox.launch(app.url));
    await tab.getByRole('radio').first().check();
    sandbox.faults.switchOn('ended-session');
    await refer(tab);

    await tab.getByText('It was not sent. Your sign-in is over: open this page from your EHR again.').waitFor();
  });

  it('shows why a referral is rejected', async () => {
    await tab.goto(sandbox.launch(app.url));
    sandbox.replyNext({ code: 'fatal-error', issues: [{ severity: 'error', code: 'business-rule', diagnostics: 'No place before spring.' }] });
    await refer(tab);

    await tab.getByText('The referral manager rejects it.').waitFor();
    expect(await tab.getByRole('listitem').allTextContents()).toEqual(['error: No place before spring.']);
    expect(sandbox.referrals.size).toBe(0);
  });

  it('is for the patient of the latest launch, in a tab that has a session for another one', async () => {
    await tab.goto(sandbox.launch(app.url, { patient: 'amy-shaw' }));
    await tab.getByRole('heading', { name: 'Refer Amy Shaw' }).waitFor();
    await tab.goto(sandbox.launch(app.url, { patient: 'clara-lind' }));

    await tab.getByRole('heading', { name: 'Refer Clara Lind' }).waitFor();
    expect(await tab.getByRole('radio').evaluateAll((radios) => radios.map((radio) => radio.getAttribute('value')))).toEqual(['clara-lind-order']);
  });

  it('keeps what may have arrived from everybody else who signs in, and has it for its own user again', async () => {
    await tab.goto(sandbox.launch(app.url, { user: 'Practitioner/nadia-holm' }));
    sandbox.faults.switchOn({ kind: 'delay', delayMs: 3_600_000 });
    await refer(tab);
    await expect.poll(() => sandbox.messages.length).toBe(1);
    await tab.goto(sandbox.launch(app.url, { user: 'Practitioner/joel-park' }));

    await tab.getByText('Pick an order').waitFor();
    await tab.goto(sandbox.launch(app.url, { user: 'Practitioner/nadia-holm' }));
    await tab.getByRole('status').getByText('It may have arrived.').waitFor();
  });

  it('is not opened where the sign-in does not say whose messages these are', async () => {
    await tab.route('**/token', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), id_token: undefined } });
    });
    await tab.goto(sandbox.launch(app.url));

    await tab.getByText('The page could not be opened. The sign-in did not say who you are').waitFor();
  });

  it('refers a patient of whom neither name nor birthday is known', async () => {
    await tab.route('**/Patient/amy-shaw', (route) => route.fulfill({ json: { resourceType: 'Patient', id: 'amy-shaw' } }));
    await tab.goto(sandbox.launch(app.url));

    await tab.getByRole('heading', { name: 'Refer a patient without a name, born on an unknown day' }).waitFor();
  });

  it('says what to do where it is opened without a launch, and there alone', async () => {
    const news = tab.getByRole('status');
    await tab.goto(app.url);
    await news.getByText('This page has to be launched from an EHR.').waitFor();

    await tab.route('**/metadata', (route) => route.fulfill({ status: 500 }));
    await tab.goto(sandbox.launch(app.url));
    await news.getByText('The page could not be opened.').waitFor();
    expect(await news.textContent()).not.toContain('launched');
  });

  it.each([1280, 390])('has no fault that axe-core finds, and is not wider than %d pixels', async (width) => {
    const context = await browser.newContext({ viewport: { width, height: 800 } });
    const screen = await context.newPage();
    const look = async (): Promise<unknown> => {
      await screen.evaluate(axe);
      return [await screen.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))'), await screen.evaluate('document.documentElement.scrollWidth <= innerWidth')];
    };
    await screen.goto(sandbox.launch(app.url));
    await screen.getByText('Pick an order').waitFor();
    expect(await look()).toEqual([[], true]);
    await refer(screen);
    await screen.getByText('Referred.').waitFor();
    expect(await look()).toEqual([[], true]);
    await context.close();
  });
});
