import { type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from './launch-chromium.ts';
import { serveSmartReferral, type ServedApp } from './smart-referral-app.ts';
import { heldBy, received, says, sitDown, type Desk } from './smart-referral-desk.ts';

const chromium = await launchChromium();

/** What has the focus: its own words, or those of its label. */
const focused = (tab: Page): Promise<string> =>
  tab.evaluate(() => {
    const element = document.activeElement;
    const labels = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement ? [...(element.labels ?? [])] : [];
    return (labels[0] ?? element)?.textContent?.trim() ?? '';
  });

/** Tabs on until something has the focus, and says whether one can see that it has. */
async function tabTo(tab: Page, name: string): Promise<boolean> {
  for (let press = 0; press < 60; press += 1) {
    if ((await focused(tab)).startsWith(name)) return tab.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle !== 'none');
    await tab.keyboard.press('Tab');
  }
  throw new Error(`Nobody gets to “${name}” by the Tab key.`);
}

describe.skipIf(chromium === undefined)('the example smart-referral, by the keyboard alone', () => {
  const browser = chromium as Browser;
  let app: ServedApp;
  let desk: Desk;

  beforeAll(async () => {
    app = await serveSmartReferral();
  });
  beforeEach(async () => {
    desk = await sitDown(browser);
    await desk.tab.goto(`${app.launchPage}?${new URLSearchParams({ iss: desk.sandbox.baseUrl }).toString()}`);
    await desk.tab.getByRole('heading', { name: 'An app asks for access' }).waitFor();
    await tabTo(desk.tab, 'Allow');
    await desk.tab.keyboard.press('Enter');
    await desk.tab.getByRole('heading', { name: 'Which order do you want to refer?' }).waitFor();
  });
  afterEach(async () => {
    await desk.leave();
  });
  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  /** Goes to something, sees that one is there, and presses a key on it. */
  const pressOn = async (name: string, key = 'Enter'): Promise<void> => {
    expect([name, await tabTo(desk.tab, name)]).toEqual([name, true]);
    await desk.tab.keyboard.press(key);
  };

  it('signs in, picks the order, writes, undoes, sends, changes it and sends the change: one referral with two versions', async () => {
    const { tab, sandbox } = desk;
    const { keyboard } = tab;

    await pressOn('Outpatient therapy, anxiety');
    await tab.getByRole('heading', { name: 'Check the referral, then send it' }).waitFor();
    expect(await focused(tab)).toBe('Check the referral, then send it');
    await pressOn('Routine', 'ArrowDown');
    await pressOn('A note for those who receive it', 'C');
    await keyboard.type('all first.');
    await pressOn('Leave out', 'Space');
    await tab.getByText('Nothing beside what is needed.').waitFor({ state: 'detached' });
    await pressOn('Undo');
    await pressOn('Send the referral');
    await received(tab);
    expect(await focused(tab)).toBe('The referral was received');
    await pressOn('Soon', 'ArrowDown');
    await pressOn('Send the change');
    await tab.getByRole('heading', { name: '2 versions of one referral' }).waitFor();
    expect(await focused(tab)).toBe('Send the change');

    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
    const [first] = [...sandbox.referrals.values()].flatMap(({ versions }) => versions);
    expect(first?.graph.all('ServiceRequest')[0]).toMatchObject({ priority: 'asap', note: [{ text: 'Call first.' }] });
    expect(first?.graph.all('Condition')).toHaveLength(1);
  });

  it('queues offline, takes back, sends again, and changes it, all before the network is back', async () => {
    const { tab, sandbox } = desk;
    await pressOn('Outpatient therapy, anxiety');
    await tab.getByRole('heading', { name: 'Check the referral, then send it' }).waitFor();
    await desk.unplug();
    await pressOn('Send the referral');
    await says(tab, 'Queued');
    expect(await focused(tab)).toBe('The referral is queued');
    await pressOn('Take it back');
    await says(tab, 'Not sent yet');
    expect(await focused(tab)).toBe('Check the referral, then send it');
    await pressOn('Send the referral');
    await says(tab, 'Queued');
    await pressOn('Routine', 'ArrowDown');
    await tab.keyboard.press('ArrowDown');
    await pressOn('Send the change');
    await says(tab, 'Queued', 'the change');
    await desk.plugIn();
    await tab.getByRole('heading', { name: '2 versions of one referral' }).waitFor();
    expect(await focused(tab)).toBe('Send the change');

    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
  });

  it('what is left out takes the focus with it to its list', async () => {
    const { tab } = desk;
    await pressOn('Outpatient therapy, anxiety');
    await tab.getByRole('heading', { name: 'Check the referral, then send it' }).waitFor();
    await pressOn('Leave out');

    expect(await focused(tab)).toBe('What goes along');
  });
});
