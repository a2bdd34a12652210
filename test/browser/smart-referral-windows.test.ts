import { type Browser, type Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { atSmartReferral } from './at-smart-referral.ts';
import { launchChromium } from './launch-chromium.ts';
import { heldBy, launchAs, messagesIn, pickOrder, press, received, says, sendChange, sendReferral } from './smart-referral-desk.ts';

const chromium = await launchChromium();

describe.skipIf(chromium === undefined)('the example smart-referral in two windows of one person', () => {
  const at = atSmartReferral(chromium as Browser);

  /** Opens the app in a window beside the first, by a sign-in of its own. */
  async function openBeside(patient: string): Promise<Page> {
    const tab = await at.desk.context.newPage();
    tab.setDefaultTimeout(30_000);
    await launchAs({ ...at.desk, tab }, at.app, { patient });
    return tab;
  }

  it('a sign-in that ends in one ends no sending in the other: what waits goes out by that one’s, as does what it sends', async () => {
    const { sandbox, tab } = at.desk;
    await launchAs(at.desk, at.app, { patient: 'ben-okafor' });
    await tab.getByRole('listitem').getByRole('button').click();
    await tab.getByRole('heading', { name: 'Check the referral, then send it' }).waitFor();
    const beside = await openBeside('amy-shaw');
    await pickOrder(beside);
    sandbox.faults.switchOn('ended-session');
    await press(beside, 'Send the referral');
    await received(beside);
    await sendReferral(tab);

    expect(heldBy(sandbox)).toHaveLength(2);
    expect(messagesIn(sandbox)).toBe(2);
  });

  it('what is sent in a window whose sign-in has ended waits, and says so, until somebody signs in', async () => {
    const { sandbox, tab } = at.desk;
    await launchAs(at.desk, at.app, { patient: 'amy-shaw' });
    await pickOrder(tab);
    sandbox.faults.switchOn('ended-session');
    await press(tab, 'Send the referral');
    await says(tab, 'Not sent: you are signed out');
    await tab.getByLabel('Urgent', { exact: true }).check();
    await press(tab, 'Send the change');
    await says(tab, 'Not sent: you are signed out', 'the change');
    expect(heldBy(sandbox)).toEqual([]);

    await openBeside('ben-okafor');
    await tab.getByRole('heading', { name: '2 versions of one referral' }).waitFor();
    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
  });

  it('a change that is half written begins anew where another is sent beside it, and says so; one’s own says no such thing', async () => {
    const { tab } = at.desk;
    await launchAs(at.desk, at.app, { patient: 'amy-shaw' });
    await pickOrder(tab);
    await sendReferral(tab);
    const beside = await openBeside('amy-shaw');
    await beside.getByRole('button', { name: 'Sent' }).click();
    await received(beside);
    await tab.getByLabel('A note for those who receive it').fill('Please call before the first visit.');
    await sendChange(beside);

    await tab.getByText('Something was sent from another window meanwhile. Look at it here, and send again what is still to be said.').waitFor();
    expect(await tab.getByLabel('Urgent', { exact: true }).isChecked()).toBe(true);
    await tab.getByLabel('A note for those who receive it').fill('Please call before the first visit.');
    await press(tab, 'Send the change');
    await tab.getByRole('heading', { name: '3 versions of one referral' }).waitFor();
    await says(tab, 'Nothing to send yet', 'the next change');
  });
});
