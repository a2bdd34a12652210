import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from './launch-chromium.ts';
import { serveSmartReferral, type ServedApp } from './smart-referral-app.ts';
import { launchAs, launches, pickOrder, press, says, sendReferral, sitDown, until, type Desk } from './smart-referral-desk.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const widths = [1280, 390];

/** Where pictures of the screens go, for somebody to look at: SCREENSHOTS=folder. */
const pictures = process.env['SCREENSHOTS'];

const fhirJson = 'application/fhir+json';
const shared = { 'access-control-allow-origin': '*' };

/** Has the other side give the answer of the first attempt again and again, as one does that remembers a “not now”. */
async function replayAnswers({ context }: Desk): Promise<void> {
  let first: { body: string } | undefined;
  await context.route(/\/\$process-message/, async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    const request = route.request();
    const { authorization = '' } = await request.allHeaders();
    first ??= { body: await (await fetch(request.url(), { method: 'POST', headers: { authorization, 'content-type': fhirJson }, body: request.postData() })).text() };
    return route.fulfill({ headers: shared, contentType: fhirJson, ...first });
  });
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
  (title: string, before: (desk: Desk) => void | Promise<void>): Arrange =>
  async (desk, app) => {
    await write(desk, app);
    await before(desk);
    await press(desk.tab, 'Send the referral');
    await says(desk.tab, title);
  };

/** Sends a change of a referral that was received, where something is going to happen to it. */
const change =
  (title: string, before: (desk: Desk) => void | Promise<void>): Arrange =>
  async (desk, app) => {
    await write(desk, app);
    await sendReferral(desk.tab);
    await before(desk);
    await desk.tab.getByLabel('Urgent', { exact: true }).check();
    await press(desk.tab, 'Send the change');
    await says(desk.tab, title, 'the change');
  };

/** A cache of one minute, of which the last is not relied on. */
const nobodyCanTell = send('It may have arrived', ({ sandbox }) => sandbox.faults.switchOn({ kind: 'drop-reply', times: 4 }));

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
  'opened in a browser that keeps nothing': async (desk, app) => {
    await desk.context.addInitScript("Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('', 'SecurityError'); } })");
    await launches['from the EHR'](desk, app);
    await desk.tab.getByText('This browser keeps nothing for this app').waitFor();
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
  sending: send('Sending', ({ sandbox }) => sandbox.faults.switchOn('delay')),
  'no room on the disk': send('Not sent', async ({ tab }) => {
    await tab.evaluate("IDBObjectStore.prototype.add = () => { throw new DOMException('', 'QuotaExceededError'); }");
  }),
  'queued offline': send('Queued', ({ unplug }) => unplug()),
  'queued offline, and a change of it': async (desk, app) => {
    await send('Queued', ({ unplug }) => unplug())(desk, app);
    await desk.tab.getByLabel('Urgent', { exact: true }).check();
    await press(desk.tab, 'Send the change');
    await says(desk.tab, 'Queued', 'the change');
  },
  'queued offline, on the list of orders': async (desk, app) => {
    await send('Queued', ({ unplug }) => unplug())(desk, app);
    await desk.plugIn();
    desk.sandbox.faults.switchOn({ kind: 'delay', times: Infinity });
    await press(desk.tab, 'All orders');
    await desk.tab.getByText('Queued').waitFor();
  },
  'about another order, queued': async (desk, app) => {
    await send('Trying again shortly', ({ sandbox }) => sandbox.faults.switchOn({ kind: 'unavailable', times: 8, retryAfterSeconds: 0 }))(desk, app);
    await desk.reopen();
    await launchAs(desk, app, { user: 'Practitioner/nadia-holm', patient: 'ben-okafor' });
    await desk.tab.getByText('One more message of yours').waitFor();
  },
  'queued offline, in a frame of an EHR': async (desk, app) => {
    const frame = await launches['in a frame of another site'](desk, app);
    await pickOrder(frame);
    await desk.unplug();
    await press(frame, 'Send the referral');
    await says(frame, 'Queued');
  },
  'it may have arrived, offline, and goes out again by itself': async (desk, app) => {
    await send('Sending', ({ sandbox }) => sandbox.faults.switchOn('delay'))(desk, app);
    await until(() => desk.sandbox.messages.length === 1);
    await desk.unplug();
    await says(desk.tab, 'It may have arrived');
  },
  'it may have arrived, and goes out again by itself': send('It may have arrived', ({ sandbox }) => sandbox.faults.switchOn({ kind: 'drop-reply', times: Infinity })),
  'it surely did not arrive, and goes out again by itself': send('Trying again shortly', ({ sandbox }) => sandbox.faults.switchOn({ kind: 'unavailable', times: Infinity, retryAfterSeconds: 0 })),
  'transient: it goes out again by itself': send('Not just now', ({ sandbox }) => sandbox.faults.switchOn({ kind: 'transient-error', times: Infinity })),
  'transient, and the same each time': send('Not processed', async (desk) => {
    desk.sandbox.faults.switchOn('transient-error');
    await replayAnswers(desk);
  }),
  accepted: send('Taken over', ({ sandbox }) => sandbox.faults.switchOn('accepted')),
  'done, with one version': async (desk, app) => {
    await write(desk, app);
    await sendReferral(desk.tab);
    await says(desk.tab, 'Received');
  },
  'done, with two versions': change('Received', () => undefined),
  refused: send('Refused', ({ sandbox }) => sandbox.faults.switchOn('refused')),
  'turned down': send('Turned down', ({ sandbox }) => sandbox.faults.switchOn('fatal-error')),
  'turned down: a change': change('Turned down', ({ sandbox }) => sandbox.faults.switchOn('fatal-error')),
  'refused, and an earlier attempt went unanswered': send('Refused, but it may have arrived before', ({ sandbox }) => {
    sandbox.faults.switchOn('drop-reply');
    sandbox.faults.switchOn('refused');
  }),
  'signed out': send('Not sent: you are signed out', ({ sandbox }) => sandbox.faults.switchOn('ended-session')),
  'signed out, and it may have arrived': send('It may have arrived: you are signed out', ({ sandbox }) => {
    sandbox.faults.switchOn('drop-reply');
    sandbox.faults.switchOn('ended-session');
  }),
  'it arrived, and the answer cannot be read': send('It arrived, without a readable answer', ({ sandbox }) => sandbox.faults.switchOn('unreadable-reply')),
  'nobody can tell whether it arrived': nobodyCanTell,
  'nobody can tell, and a change waits for it': async (desk, app) => {
    await nobodyCanTell(desk, app);
    await desk.tab.getByLabel('Urgent', { exact: true }).check();
    await press(desk.tab, 'Send the change');
    await says(desk.tab, 'Waiting for the one before', 'the change');
  },
  'nobody can tell whether a change arrived': change('It arrived, without a readable answer', ({ sandbox }) => sandbox.faults.switchOn('unreadable-reply')),
  'somebody found out that it arrived': async (desk, app) => {
    await nobodyCanTell(desk, app);
    await press(desk.tab, 'They have it');
    await says(desk.tab, 'Arrived, as you said');
  },
  'taken back': async (desk, app) => {
    await send('Queued', ({ unplug }) => unplug())(desk, app);
    await press(desk.tab, 'Take it back');
    await says(desk.tab, 'Not sent yet');
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
    const desk = await sitDown(browser, { reliableCacheMinutes: /^nobody can tell|^somebody/.test(name) ? 1 : 60 });
    try {
      await arrange(desk, app);
      const { tab } = desk;
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
