import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createSandbox, type Sandbox } from '@fhir-messaging/sandbox';
import { type Browser, type Frame, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from './launch-chromium.ts';
import { serveMedplumReferral, type MedplumReferralApp } from './medplum-referral-app.ts';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const chromium = await launchChromium();

describe.skipIf(chromium === undefined)('examples/medplum-referral', () => {
  const browser = chromium as Browser;
  let app: MedplumReferralApp;
  let sandbox: Sandbox;
  let tab: Page;

  beforeAll(async () => {
    app = await serveMedplumReferral();
  });

  beforeEach(async () => {
    sandbox = await createSandbox();
    tab = await browser.newPage();
    tab.setDefaultTimeout(30_000);
  });

  afterEach(async () => {
    await tab.close();
    await sandbox.close();
  });

  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  const compose = async (where: Page | Frame): Promise<void> => {
    await where.getByRole('button', { name: 'Refer' }).click();
    await where.getByRole('heading', { name: 'Send this referral?' }).waitFor();
  };

  const send = async (where: Page | Frame): Promise<void> => {
    await where.getByRole('button', { name: 'Send the referral' }).click();
    await where.getByRole('heading', { name: 'The referral is there' }).waitFor();
  };

  const change = async (where: Page | Frame, priority: string): Promise<void> => {
    await where.getByLabel('Priority').selectOption(priority);
    await where.getByRole('button', { name: 'Send the change' }).click();
  };

  /** The versions of each referral. */
  const held = (): unknown => [...sandbox.referrals].map(([url, { versions }]) => [url.slice(sandbox.baseUrl.length), versions.length]);

  it('is launched from the EHR by MedplumClient, submits and updates: one referral in two versions', async () => {
    await tab.goto(sandbox.launch(app.url, { patient: 'ben-okafor' }));
    await tab.getByRole('heading', { name: 'Ben Okafor', level: 1 }).waitFor();
    await compose(tab);
    await tab.getByRole('row', { name: 'Diagnosis Alcohol dependence' }).waitFor();
    await send(tab);
    await tab.getByLabel('Note').fill('The family asks for a date this week.');
    await change(tab, 'urgent');
    await tab.getByRole('heading', { name: '2 versions' }).waitFor();
    await tab.getByText('priority is now urgent; note is now The family asks for a date this week.').waitFor();

    expect(held()).toEqual([['/ServiceRequest/ben-okafor-order', 2]]);
    expect(sandbox.messages.map(({ event, payload }) => [event, payload.Patient.id, payload.ServiceRequest.priority, payload.ServiceRequest.note?.[0]?.text])).toEqual([
      ['submit-service-request', 'ben-okafor', 'routine', undefined],
      ['update-service-request', 'ben-okafor', 'urgent', 'The family asks for a date this week.'],
    ]);
    expect(sandbox.arrivals).toHaveLength(2);
  });

  it('works in a frame of another site', async () => {
    await tab.goto(sandbox.ehrUrl);
    await tab.getByLabel('Inside this EHR').check();
    await tab.getByLabel('Launch URL of your app').fill(app.url);
    await tab.getByRole('button', { name: 'Launch' }).click();
    await tab.waitForURL(/localhost:\d+\/frame/);
    const frame = (await (await tab.waitForSelector('iframe')).contentFrame())!;
    await compose(frame);
    await send(frame);

    expect(held()).toEqual([['/ServiceRequest/amy-shaw-order', 1]]);
  });

  it.each(['drop-reply', 'unavailable', 'throttled', 'expired-token'] as const)('refers once, and updates once, through the fault %s, each by the same message', async (fault) => {
    await tab.goto(sandbox.launch(app.url));
    await compose(tab);
    sandbox.faults.switchOn({ kind: fault });
    await send(tab);
    sandbox.faults.switchOn({ kind: fault });
    await change(tab, 'stat');
    await tab.getByRole('heading', { name: '2 versions' }).waitFor();

    expect(held()).toEqual([['/ServiceRequest/amy-shaw-order', 2]]);
    expect(sandbox.arrivals).toHaveLength(4);
    expect(new Set(sandbox.arrivals.map(({ messageId }) => messageId)).size).toBe(2);
  });

  it('sends once where the button is pressed twice at once', async () => {
    await tab.goto(sandbox.launch(app.url));
    await compose(tab);
    await tab.getByRole('button', { name: 'Send the referral' }).dblclick();
    await tab.getByRole('heading', { name: 'The referral is there' }).waitFor();

    expect(sandbox.arrivals).toHaveLength(1);
  });

  it('says after a reload that the referral may have arrived, before anything else, and sends the same one again', async () => {
    await tab.goto(sandbox.launch(app.url));
    await compose(tab);
    sandbox.faults.switchOn({ kind: 'delay', delayMs: 3_600_000 });
    await tab.getByRole('button', { name: 'Send the referral' }).click();
    await expect.poll(() => sandbox.messages.length).toBe(1);

    await tab.reload();
    await tab.getByRole('heading', { name: 'This referral may have arrived' }).waitFor();
    expect(await tab.getByRole('button').allTextContents()).toEqual(['Send the same one again']);
    await tab.getByRole('button', { name: 'Send the same one again' }).click();
    await tab.getByRole('heading', { name: 'The referral is there' }).waitFor();

    expect([held(), sandbox.messages.length]).toEqual([[['/ServiceRequest/amy-shaw-order', 1]], 1]);
  });

  it('goes on to the orders where a referral was taken over, after a reload too: that one is settled', async () => {
    await tab.goto(sandbox.launch(app.url));
    await compose(tab);
    sandbox.faults.switchOn('accepted');
    await tab.getByRole('button', { name: 'Send the referral' }).click();
    await tab.getByText('The referral manager took the referral over. Its answer comes later.').waitFor();
    await tab.getByRole('heading', { name: 'The referral was taken over' }).waitFor();
    await tab.getByRole('button', { name: 'Back to the orders' }).click();
    await tab.getByRole('button', { name: 'Refer' }).click();
    await tab.getByRole('heading', { name: 'The referral was taken over' }).waitFor();
    await tab.reload();

    await tab.getByRole('heading', { name: 'Which order is to be referred?' }).waitFor();
    expect(sandbox.arrivals).toHaveLength(1);
  });

  it('says where to go on where the sign-in is over', async () => {
    await tab.goto(sandbox.launch(app.url));
    await compose(tab);
    sandbox.faults.switchOn({ kind: 'ended-session', times: Infinity });
    await tab.getByRole('button', { name: 'Send the referral' }).click();

    await tab.getByText('The referral was not sent. Your sign-in is over: open the app from your EHR again.').waitFor();
  });

  it('is for the patient of the latest launch, and keeps an open message from every other one', async () => {
    await tab.goto(sandbox.launch(app.url, { patient: 'amy-shaw' }));
    await compose(tab);
    sandbox.faults.switchOn({ kind: 'delay', delayMs: 3_600_000 });
    await tab.getByRole('button', { name: 'Send the referral' }).click();
    await expect.poll(() => sandbox.messages.length).toBe(1);
    await tab.goto(sandbox.launch(app.url, { patient: 'clara-lind' }));

    await tab.getByRole('heading', { name: 'Clara Lind', level: 1 }).waitFor();
    await tab.getByText('Child and adolescent psychiatry, evaluation').waitFor();
    expect(await tab.getByRole('button').allTextContents()).toEqual(['Refer']);
    await tab.goto(sandbox.launch(app.url, { patient: 'amy-shaw' }));
    await tab.getByText('The referral may have arrived').waitFor();
  });

  it('shows what may have arrived although the record cannot be read by now: there is no way around it to another order', async () => {
    await tab.goto(sandbox.launch(app.url));
    await compose(tab);
    sandbox.faults.switchOn({ kind: 'delay', delayMs: 3_600_000 });
    await tab.getByRole('button', { name: 'Send the referral' }).click();
    await expect.poll(() => sandbox.messages.length).toBe(1);
    const isOfTheReferral = ({ href, pathname }: URL): boolean => href.startsWith(sandbox.baseUrl) && !/\/(metadata|Patient\/[^/]+)$/.test(pathname);
    await tab.route(isOfTheReferral, (route) => route.fulfill({ status: 403 }));

    await tab.reload();
    await tab.getByRole('heading', { name: 'This referral may have arrived' }).waitFor();
    expect(await tab.getByRole('button').allTextContents()).toEqual(['Send the same one again']);
  });

  it('keeps an open message from everybody else who signs in, and has it for its own user again', async () => {
    await tab.goto(sandbox.launch(app.url, { user: 'Practitioner/nadia-holm' }));
    await compose(tab);
    sandbox.faults.switchOn({ kind: 'delay', delayMs: 3_600_000 });
    await tab.getByRole('button', { name: 'Send the referral' }).click();
    await expect.poll(() => sandbox.messages.length).toBe(1);
    await tab.goto(sandbox.launch(app.url, { user: 'Practitioner/joel-park' }));

    await compose(tab);
    expect(await tab.getByRole('button').allTextContents()).toEqual(['Send the referral', 'Back to the orders']);
    await tab.goto(sandbox.launch(app.url, { user: 'Practitioner/nadia-holm' }));
    await tab.getByRole('heading', { name: 'This referral may have arrived' }).waitFor();
  });

  it('is not opened where the sign-in does not say whose messages these are', async () => {
    await tab.route('**/token', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), id_token: undefined } });
    });
    await tab.goto(sandbox.launch(app.url));

    await tab.getByRole('alert').getByText('did not say who you are').waitFor();
  });

  it('takes no code that answers another sign-in', async () => {
    await tab.goto(sandbox.launch(app.url));
    await tab.getByRole('heading', { name: 'Amy Shaw' }).waitFor();
    await tab.goto(`${app.url}?code=stolen&state=of-somebody-else`);

    await tab.getByRole('alert').getByText('another sign-in').waitFor();
  });

  it('shows why a referral is turned down, and lets it be sent anew', async () => {
    await tab.goto(sandbox.launch(app.url));
    await compose(tab);
    sandbox.replyNext({ code: 'fatal-error', issues: [{ severity: 'error', code: 'business-rule', diagnostics: 'No place before spring.' }] });
    await tab.getByRole('button', { name: 'Send the referral' }).click();
    await tab.getByText('No place before spring.').waitFor();
    expect(held()).toEqual([]);

    await send(tab);
    expect(held()).toEqual([['/ServiceRequest/amy-shaw-order', 1]]);
  });

  it('works with the keyboard alone', async () => {
    /** Waits until a screen is there and has taken the focus: a Tab before that would begin at the top of the page. */
    const comesTo = async (heading: string | RegExp): Promise<void> => {
      await tab.locator(':focus').and(tab.getByRole('heading', { name: heading })).waitFor();
    };
    /** Tabs on to what is there by now, and waits until that has arrived: a list may still be read, a button still be off. */
    const tabsTo = async (target: Locator): Promise<void> => {
      await target.waitFor();
      await expect.poll(() => target.isEnabled(), { timeout: 30_000 }).toBe(true);
      await tab.keyboard.press('Tab');
      await tab.locator(':focus').and(target).waitFor();
    };
    await tab.goto(sandbox.launch(app.url));
    await comesTo(/^Which order/);
    await tabsTo(tab.getByRole('button', { name: 'Refer' }));
    await tab.keyboard.press('Enter');
    await comesTo('Send this referral?');
    await tabsTo(tab.getByRole('button', { name: 'Send the referral' }));
    await tab.keyboard.press('Enter');
    await comesTo('The referral is there');
    await tabsTo(tab.getByLabel('Priority'));
    await tab.keyboard.press('ArrowDown');
    await tabsTo(tab.getByLabel('Note'));
    await tab.keyboard.type('Soon, please.');
    await tabsTo(tab.getByRole('button', { name: 'Send the change' }));
    await tab.keyboard.press('Enter');
    await tab.getByRole('heading', { name: '2 versions' }).waitFor();

    expect(sandbox.messages.at(-1)?.payload.ServiceRequest).toMatchObject({ priority: 'urgent', note: [{ text: 'Soon, please.' }] });
  });

  it.each([1280, 390])('has no screen with a fault that axe-core finds, or that is wider than %d pixels', async (width) => {
    await tab.setViewportSize({ width, height: 900 });
    const look = async (): Promise<void> => {
      await tab.evaluate(axe);
      const found = await tab.evaluate('axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes[0].html))');
      expect([found, await tab.evaluate('document.documentElement.scrollWidth <= innerWidth')]).toEqual([[], true]);
    };
    await tab.goto(app.url);
    await tab.getByRole('alert').waitFor();
    await look();
    await tab.goto(sandbox.launch(app.url));
    await tab.getByRole('button', { name: 'Refer' }).waitFor();
    await look();
    await compose(tab);
    await look();
    sandbox.replyNext({ code: 'fatal-error', issues: [{ severity: 'error', code: 'business-rule', diagnostics: 'No place before spring.' }] });
    await tab.getByRole('button', { name: 'Send the referral' }).click();
    await tab.getByText('No place before spring.').waitFor();
    await look();
    await send(tab);
    await look();
    await change(tab, 'asap');
    await tab.getByRole('heading', { name: '2 versions' }).waitFor();
    await look();
  });
});
