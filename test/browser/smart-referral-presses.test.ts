import { type Browser } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { atSmartReferral } from './at-smart-referral.ts';
import { launchChromium } from './launch-chromium.ts';
import { heldBy, launches, messagesIn, pickOrder, press, received, requestsTo, says, sendChange, sendReferral, until } from './smart-referral-desk.ts';

const chromium = await launchChromium();

const submit = 'submit-service-request';
const update = 'update-service-request';

// React's development build: in it StrictMode renders twice, and runs every effect twice.
describe.skipIf(chromium === undefined)('the example smart-referral in StrictMode: one press is one request', () => {
  const at = atSmartReferral(chromium as Browser, {
    mode: 'development',
    async arrive(desk, app) {
      await launches['from the EHR'](desk, app);
      await pickOrder(desk.tab);
    },
  });

  it('is the development build that is tested', async () => {
    const scripts = await at.desk.tab.locator('script[src], link[rel=modulepreload]').evaluateAll((elements) => elements.map((element) => element.getAttribute('src') ?? element.getAttribute('href') ?? ''));
    const texts = await Promise.all(scripts.map(async (script) => (await fetch(new URL(script, at.app.origin))).text()));

    expect(texts.some((text) => text.includes('Each child in a list should have a unique'))).toBe(true);
  });

  it('a referral and a change of it are two requests', async () => {
    const { sandbox, tab } = at.desk;
    await sendReferral(tab);
    await sendChange(tab);

    expect(requestsTo(sandbox)).toEqual([[submit, 200], [update, 200]]);
  });

  it('a double click on each button is one request each', async () => {
    const { sandbox, tab } = at.desk;
    await tab.getByRole('button', { name: 'Send the referral' }).dblclick();
    await received(tab);
    await tab.getByLabel('Urgent', { exact: true }).check();
    await tab.getByRole('button', { name: 'Send the change' }).dblclick();
    await tab.getByRole('heading', { name: '2 versions of one referral' }).waitFor();

    expect(requestsTo(sandbox)).toEqual([[submit, 200], [update, 200]]);
  });

  it('five clicks in one turn of the page, before it can draw anything, are one request', async () => {
    const { sandbox, tab } = at.desk;
    await tab.getByRole('button', { name: 'Send the referral' }).evaluate((button: HTMLButtonElement) => {
      for (let click = 0; click < 5; click += 1) button.click();
    });
    await received(tab);

    expect(requestsTo(sandbox)).toEqual([[submit, 200]]);
  });

  it('further presses while it is on its way are none', async () => {
    const { sandbox, tab } = at.desk;
    sandbox.faults.switchOn('delay');
    await press(tab, 'Send the referral');
    await until(() => sandbox.messages.length === 1);
    for (let again = 0; again < 3; again += 1) await tab.keyboard.press('Enter');
    at.desk.letGo();
    await received(tab);

    expect(requestsTo(sandbox)).toEqual([[submit, 200]]);
  });

  it('a double click on what sends a change, while the referral may have arrived, queues one change behind it: no second referral', async () => {
    const { sandbox, tab } = at.desk;
    sandbox.faults.switchOn({ kind: 'drop-reply', times: 4 });
    await press(tab, 'Send the referral');
    await says(tab, 'It may have arrived');
    await tab.getByLabel('Urgent', { exact: true }).check();
    await tab.getByRole('button', { name: 'Send the change' }).dblclick();
    await tab.getByRole('heading', { name: '2 versions of one referral' }).waitFor();

    expect(messagesIn(sandbox)).toBe(2);
    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
  });

  it('leaving the screen in mid-send sends nothing twice and ends nothing: who comes back finds the referral received', async () => {
    const { sandbox, tab } = at.desk;
    sandbox.faults.switchOn('delay');
    await press(tab, 'Send the referral');
    await until(() => sandbox.messages.length === 1);
    await press(tab, 'All orders');
    await tab.getByRole('heading', { name: 'Which order do you want to refer?' }).waitFor();
    at.desk.letGo();
    await until(() => sandbox.arrivals.length === 1);
    await tab.getByRole('button', { name: 'Outpatient therapy, anxiety' }).click();
    await received(tab);

    expect(requestsTo(sandbox)).toEqual([[submit, 200]]);
  });

  it('who comes back while it is still on its way finds it so, and no other is sent', async () => {
    const { sandbox, tab } = at.desk;
    sandbox.faults.switchOn('delay');
    await press(tab, 'Send the referral');
    await until(() => sandbox.messages.length === 1);
    await press(tab, 'All orders');
    await tab.getByRole('button', { name: 'Outpatient therapy, anxiety' }).click();
    await says(tab, 'Sending');
    at.desk.letGo();
    await received(tab);

    expect(requestsTo(sandbox)).toEqual([[submit, 200]]);
  });

  it('what is on its way cannot be taken back, and no button says so', async () => {
    const { sandbox, tab } = at.desk;
    sandbox.faults.switchOn('delay');
    await press(tab, 'Send the referral');
    await until(() => sandbox.messages.length === 1);
    await says(tab, 'Sending');
    expect(await tab.getByRole('region', { name: 'Sending the referral' }).getByRole('button').count()).toBe(0);
    at.desk.letGo();
    await received(tab);

    expect(heldBy(sandbox)).toEqual([{ versions: 1, urgency: 'routine' }]);
  });

  it('a double click on “Take it back” takes it back, and sends nothing', async () => {
    const { sandbox, tab } = at.desk;
    await at.desk.unplug();
    await press(tab, 'Send the referral');
    await tab.getByRole('button', { name: 'Take it back' }).dblclick();
    await says(tab, 'Not sent yet');
    await at.desk.plugIn();
    await tab.getByText('You are offline.').waitFor({ state: 'detached' });

    expect(requestsTo(sandbox)).toEqual([]);
  });
});
