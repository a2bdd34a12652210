import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from './launch-chromium.ts';
import { serveSmartReferral, type ServedApp } from './smart-referral-app.ts';
import { launches, pickOrder, press, says, sendChange, sendReferral, sitDown, until, type Desk } from './smart-referral-desk.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const widths = [1280, 390];

/** Where pictures of the screens go, for somebody to look at: SCREENSHOTS=folder. */
const pictures = process.env['SCREENSHOTS'];

const message = /\/\$process-message/;
const fhirJson = 'application/fhir+json';
const shared = { 'access-control-allow-origin': '*' };
const outcome = (text: string): string => JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'business-rule', details: { text } }] });

/** Has the next message answered by something that the sandbox never says. */
async function answerOnce({ context }: Desk, status: number, body: string): Promise<void> {
  await context.route(message, (route) => (route.request().method() === 'POST' ? route.fulfill({ status, headers: shared, contentType: fhirJson, body }) : route.fallback()), { times: 1 });
}

type Arrange = (desk: Desk, app: ServedApp) => Promise<void>;

const open: Arrange = async (desk, app) => {
  await launches['from the EHR'](desk, app);
  await desk.tab.getByRole('heading', { name: 'Which order do you want to refer?' }).waitFor();
};

const write: Arrange = async (desk, app) => {
  await open(desk, app);
  await pickOrder(desk.tab);
};

/** Writes a referral, and sends it where something is going to happen to it. */
const send =
  (title: string, before: Arrange): Arrange =>
  async (desk, app) => {
    await write(desk, app);
    await before(desk, app);
    await press(desk.tab, 'Send the referral');
    await says(desk.tab, title);
  };

const mayHaveArrived = send('It may have arrived', async ({ sandbox }) => sandbox.faults.switchOn({ kind: 'drop-reply', times: 4 }));

/** Every screen and every state of the sending, and how to come there. */
const screens: Readonly<Record<string, Arrange>> = {
  'signing in by oneself': async ({ tab }, app) => {
    await tab.goto(app.launchPage);
    await tab.getByRole('heading', { name: 'Sign in to a record' }).waitFor();
  },
  'a sign-in with a server that the app does not know': async ({ tab }, app) => {
    await tab.goto(`${app.launchPage}?iss=https://ehr.example.org/fhir`);
    await tab.getByText('This app is not registered with that server.').waitFor();
  },
  'opened by nobody': async ({ tab }, app) => {
    await tab.goto(app.origin);
    await tab.getByRole('heading', { name: 'Open this app from your EHR' }).waitFor();
  },
  'signed in, and said no': async ({ tab, sandbox }, app) => {
    await tab.goto(`${app.launchPage}?iss=${sandbox.baseUrl}`);
    await tab.getByRole('button', { name: 'Deny' }).click();
    await tab.getByText('The sign-in was declined.').waitFor();
  },
  'being opened': async (desk, app) => {
    await desk.context.route(/\/metadata$/, () => undefined);
    await launches['from the EHR'](desk, app);
    await desk.tab.getByText('Opening the patient’s record…').waitFor();
  },
  'the orders': open,
  'no orders': async (desk, app) => {
    await desk.context.route(/\/ServiceRequest\?/, (route) => route.fulfill({ headers: shared, contentType: fhirJson, body: '{"resourceType":"Bundle","type":"searchset"}' }));
    await open(desk, app);
    await desk.tab.getByText('There is no open order in this record.').waitFor();
  },
  'orders that could not be read': async (desk, app) => {
    await desk.context.route(/\/ServiceRequest\?/, (route) => route.abort());
    await open(desk, app);
    await desk.tab.getByText('The orders could not be read.').waitFor();
  },
  'putting it together': async (desk, app) => {
    await open(desk, app);
    let answered = 0;
    await desk.context.route(/\/fhir\/?(\?.*)?$|\/fhir\/[A-Z]/, (route) => ((answered += 1) > 2 ? undefined : route.fallback()));
    await desk.tab.getByRole('button', { name: 'Outpatient therapy, anxiety' }).click();
    await desk.tab.getByRole('heading', { name: 'Gathering what belongs to the order' }).waitFor();
  },
  'what could not be put together': async (desk, app) => {
    await open(desk, app);
    await desk.context.route(/\/fhir\/?(\?.*)?$|\/fhir\/[A-Z]/, (route) => route.abort());
    await desk.tab.getByRole('button', { name: 'Outpatient therapy, anxiety' }).click();
    await desk.tab.getByText('It could not be put together. Nothing was sent.').waitFor();
  },
  'idle: not sent yet': write,
  'edited, with what goes along left out': async (desk, app) => {
    await write(desk, app);
    await desk.tab.getByLabel('At once').check();
    await desk.tab.getByLabel('A note for those who receive it').fill('Please call before the first visit.');
    await desk.tab.getByRole('button', { name: 'Leave out Insurance' }).click();
    await desk.tab.getByText('Changed since you began').waitFor();
  },
  'edited, and the rules object': async (desk, app) => {
    await write(desk, app);
    await desk.tab.getByLabel('Has the patient agreed to the referral?').uncheck();
    await desk.tab.getByText('The patient has to agree to the referral before it is sent.').waitFor();
  },
  invalid: async (desk, app) => {
    await write(desk, app);
    await desk.tab.getByLabel('Has the patient agreed to the referral?').uncheck();
    await press(desk.tab, 'Send the referral');
    await says(desk.tab, 'Not sent');
  },
  sending: send('Sending', async ({ sandbox }) => sandbox.faults.switchOn('delay')),
  'sending, and waiting for the next attempt': send('Trying again shortly', async ({ sandbox }) => sandbox.faults.switchOn({ kind: 'unavailable', retryAfterSeconds: 25 })),
  accepted: send('Taken over', (desk) => answerOnce(desk, 202, '')),
  'done, with one version': async (desk, app) => {
    await write(desk, app);
    await sendReferral(desk.tab);
  },
  'done, with two versions': async (desk, app) => {
    await write(desk, app);
    await sendReferral(desk.tab);
    await sendChange(desk.tab);
    await says(desk.tab, 'Received');
  },
  refused: send('Refused', (desk) => answerOnce(desk, 422, outcome('The diagnosis is not one that this program treats.'))),
  'refused, and an earlier attempt went unanswered': send('Refused, but it may have arrived before', async (desk) => {
    await answerOnce(desk, 422, outcome('Not twice.'));
    await desk.context.route(message, (route) => (route.request().method() === 'POST' ? route.abort() : route.fallback()), { times: 1 });
  }),
  'rejected: fatal': send('Turned down', async ({ sandbox }) => sandbox.faults.switchOn('fatal-error')),
  'rejected: transient, whenever it was tried': send('Not just now', async ({ sandbox }) => sandbox.faults.switchOn({ kind: 'transient-error', times: 4 })),
  'failed: it surely did not arrive': send('Not sent', async ({ sandbox }) => sandbox.faults.switchOn({ kind: 'unavailable', times: 4, retryAfterSeconds: 0 })),
  'failed: signed out': send('Not sent: you are signed out', async ({ sandbox, context }) => {
    await context.route(/\/auth\/token$/, (route) => route.fulfill({ status: 400, headers: shared, contentType: 'application/json', body: '{"error":"invalid_grant"}' }));
    sandbox.faults.switchOn('expired-token');
  }),
  'failed: it may have arrived': mayHaveArrived,
  'failed: it arrived, and the answer cannot be read': send('It arrived, without a readable answer', (desk) => answerOnce(desk, 200, 'no JSON')),
  'failed, offline': async (desk, app) => {
    await write(desk, app);
    await desk.unplug();
    await press(desk.tab, 'Send the referral');
    await says(desk.tab, 'It may have arrived');
    await desk.tab.getByText('You are offline.').waitFor();
  },
  'mayHaveArrived: the question': async (desk, app) => {
    await mayHaveArrived(desk, app);
    await desk.tab.getByLabel('Urgent', { exact: true }).check();
    await press(desk.tab, 'Send it as it is now');
    await says(desk.tab, 'Send both?');
  },
  'stopped in mid-send': async (desk, app) => {
    await send('Sending', async ({ sandbox }) => sandbox.faults.switchOn('delay'))(desk, app);
    await until(() => desk.sandbox.messages.length === 1);
    await press(desk.tab, 'Stop');
    await says(desk.tab, 'It may have arrived');
  },
  'reloaded while sending': async (desk, app) => {
    await send('Sending', async ({ sandbox }) => sandbox.faults.switchOn('delay'))(desk, app);
    await until(() => desk.sandbox.messages.length === 1);
    await desk.tab.reload();
    await desk.tab.getByText('This page was closed or reloaded while the referral was on its way').waitFor();
  },
  'a change that may have arrived, after a reload': async (desk, app) => {
    await write(desk, app);
    await sendReferral(desk.tab);
    desk.sandbox.faults.switchOn('delay');
    await desk.tab.getByLabel('Urgent', { exact: true }).check();
    await press(desk.tab, 'Send the change');
    await until(() => desk.sandbox.messages.length === 2);
    await desk.tab.reload();
    await says(desk.tab, 'It may have arrived');
  },
};

const chromium = await launchChromium();

describe.skipIf(chromium === undefined)('every screen of the example smart-referral', () => {
  const browser = chromium as Browser;
  let app: ServedApp;

  beforeAll(async () => {
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true });
    app = await serveSmartReferral();
  });
  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  it.each(Object.entries(screens))('%s: axe-core finds nothing, and it is no wider than the window, at 1280 and 390 pixels', async (name, arrange) => {
    const desk = await sitDown(browser);
    const { tab } = desk;
    try {
      await arrange(desk, app);
      for (const width of widths) {
        await tab.setViewportSize({ width, height: 900 });
        await tab.evaluate(axe);
        const violations = await tab.evaluate<string[]>('axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes[0].html))');
        expect([width, violations, await tab.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')]).toEqual([width, [], true]);
        if (pictures !== undefined) await tab.screenshot({ path: join(pictures, `${name.replaceAll(/\W+/g, '-')}-${width}.png`), fullPage: true });
      }
    } finally {
      await desk.leave();
    }
  });
});
