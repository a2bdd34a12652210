import { type Browser } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { atSmartReferral } from './at-smart-referral.ts';
import { launchChromium } from './launch-chromium.ts';
import { heldBy, launches, messagesIn, pickOrder, press, received, requestsTo, says, sendChange, sendReferral, until } from './smart-referral-desk.ts';

const chromium = await launchChromium();

describe.skipIf(chromium === undefined)('the example smart-referral, reloaded', () => {
  const at = atSmartReferral(chromium as Browser, {
    async arrive(desk, app) {
      await launches['from the EHR'](desk, app);
      await pickOrder(desk.tab);
    },
  });

  /** Reloads while the referral is on its way: it is at the server already, and its answer is held back. */
  async function reloadInMidSend(): Promise<void> {
    const { sandbox, tab } = at.desk;
    sandbox.faults.switchOn('delay');
    await press(tab, 'Send the referral');
    await until(() => sandbox.messages.length === 1);
    await tab.reload();
  }

  it('while sending: comes back to that referral, and by itself sends the same one again: the same bytes, one referral', async () => {
    const { sandbox, tab } = at.desk;
    const bodies: (string | null)[] = [];
    tab.on('request', (request) => request.method() === 'POST' && request.url().endsWith('$process-message') && bodies.push(request.postData()));
    await reloadInMidSend();
    await tab.getByRole('heading', { name: 'The referral is on its way' }).waitFor();
    await tab.getByText('Where nobody answers, the same one goes out again by itself.').waitFor();

    await received(tab);
    await sendChange(tab);

    expect(bodies).toHaveLength(3);
    expect(bodies[1]).toBe(bodies[0]);
    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
    expect(messagesIn(sandbox)).toBe(2);
  });

  it('the moment that the network is back: what was queued goes out, by whichever page, and is one referral', async () => {
    const { sandbox, tab } = at.desk;
    await at.desk.unplug();
    await press(tab, 'Send the referral');
    await says(tab, 'Queued');
    await at.desk.plugIn();
    await tab.reload();
    await received(tab);

    expect(messagesIn(sandbox)).toBe(1);
    expect(heldBy(sandbox)).toEqual([{ versions: 1, urgency: 'routine' }]);
  });

  it('and then changed: the change goes after it, to the one referral', async () => {
    const { sandbox, tab } = at.desk;
    await reloadInMidSend();

    await tab.getByLabel('Urgent', { exact: true }).check();
    await press(tab, 'Send the change');
    await tab.getByRole('heading', { name: '2 versions of one referral' }).waitFor();

    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
    expect(messagesIn(sandbox)).toBe(2);
  });

  it('while a change is sent: the same change again, and the referral has it once', async () => {
    const { sandbox, tab } = at.desk;
    await sendReferral(tab);
    sandbox.faults.switchOn('delay');
    await tab.getByLabel('Urgent', { exact: true }).check();
    await press(tab, 'Send the change');
    await until(() => sandbox.messages.length === 2);
    await tab.reload();

    await says(tab, 'Sending', 'the change');
    await tab.getByRole('heading', { name: '2 versions of one referral' }).waitFor();

    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
    expect(messagesIn(sandbox)).toBe(2);
  });

  it('after it was received: goes on with that referral, and offers no second one', async () => {
    const { sandbox, tab } = at.desk;
    await sendReferral(tab);
    await tab.reload();

    await received(tab);
    await press(tab, 'All orders');
    await tab.getByRole('button', { name: 'Sent' }).click();
    await received(tab);
    expect(await tab.getByRole('button', { name: 'Send the referral' }).count()).toBe(0);
    await sendChange(tab);

    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
  });

  it('while a change is written: what was sent is there, and what was not is not', async () => {
    const { sandbox, tab } = at.desk;
    await sendReferral(tab);
    await tab.getByLabel('Urgent', { exact: true }).check();
    await tab.reload();
    await received(tab);

    expect(await tab.getByLabel('Routine', { exact: true }).isChecked()).toBe(true);
    expect(requestsTo(sandbox)).toHaveLength(1);
  });
});
