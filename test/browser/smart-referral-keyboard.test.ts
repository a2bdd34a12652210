import { type Browser, type Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { atSmartReferral } from './at-smart-referral.ts';
import { launchChromium } from './launch-chromium.ts';
import { heldBy, received, says } from './smart-referral-desk.ts';

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
  const at = atSmartReferral(chromium as Browser, {
    async arrive({ tab, sandbox }, app) {
      await tab.goto(`${app.launchPage}?${new URLSearchParams({ iss: sandbox.baseUrl }).toString()}`);
      await tab.getByRole('heading', { name: 'An app asks for access' }).waitFor();
      await tabTo(tab, 'Allow');
      await tab.keyboard.press('Enter');
      await tab.getByRole('heading', { name: 'Which order do you want to refer?' }).waitFor();
    },
  });

  /** Goes to something, sees that one is there, and presses a key on it. */
  const pressOn = async (name: string, key = 'Enter'): Promise<void> => {
    expect([name, await tabTo(at.desk.tab, name)]).toEqual([name, true]);
    await at.desk.tab.keyboard.press(key);
  };

  it('signs in, picks the order, writes, undoes, sends, changes it and sends the change: one referral with two versions', async () => {
    const { tab, sandbox } = at.desk;
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
    const { tab, sandbox } = at.desk;
    await pressOn('Outpatient therapy, anxiety');
    await tab.getByRole('heading', { name: 'Check the referral, then send it' }).waitFor();
    await at.desk.unplug();
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
    await at.desk.plugIn();
    await tab.getByRole('heading', { name: '2 versions of one referral' }).waitFor();
    expect(await focused(tab)).toBe('Send the change');

    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
  });

  it('what is left out takes the focus with it to its list', async () => {
    const { tab } = at.desk;
    await pressOn('Outpatient therapy, anxiety');
    await tab.getByRole('heading', { name: 'Check the referral, then send it' }).waitFor();
    await pressOn('Leave out');

    expect(await focused(tab)).toBe('What goes along');
  });
});
