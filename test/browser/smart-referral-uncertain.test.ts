import { type Browser } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { atSmartReferral } from './at-smart-referral.ts';
import { launchChromium } from './launch-chromium.ts';
import { heldBy, launches, messagesIn, pickOrder, press, received, says } from './smart-referral-desk.ts';

const chromium = await launchChromium();

describe.skipIf(chromium === undefined)('the example smart-referral, when nobody can tell whether it arrived', () => {
  const at = atSmartReferral(chromium as Browser, {
    // For one minute, of which the last is not relied on: one attempt is all that is made.
    sandbox: { reliableCacheMinutes: 1 },
    async arrive(desk, app) {
      await launches['from the EHR'](desk, app);
      await pickOrder(desk.tab);
      desk.sandbox.faults.switchOn({ kind: 'drop-reply', times: 1 });
      await press(desk.tab, 'Send the referral');
      await desk.tab.getByText('ask whether it arrived').waitFor();
      await says(desk.tab, 'It may have arrived');
    },
  });

  it('asks a person, also after a reload and on the list of orders; sent again, it is the same message', async () => {
    const { tab, sandbox } = at.desk;
    await tab.reload();
    await says(tab, 'It may have arrived');
    await press(tab, 'All orders');
    await tab.getByRole('button', { name: 'May have arrived: look at it again' }).click();
    await press(tab, 'They do not have it: send it again');
    await received(tab);

    expect(messagesIn(sandbox)).toBe(1);
    expect(heldBy(sandbox)).toEqual([{ versions: 1, urgency: 'routine' }]);
  });

  it('takes the word of who found out that it arrived: nothing more is sent, and a change goes to that referral', async () => {
    const { tab, sandbox } = at.desk;
    await press(tab, 'They have it');
    await says(tab, 'Arrived, as you said');
    const before = sandbox.arrivals.length;
    await tab.getByLabel('Urgent', { exact: true }).check();
    await press(tab, 'Send the change');
    await tab.getByRole('heading', { name: '2 versions of one referral' }).waitFor();

    expect(sandbox.arrivals.length).toBe(before + 1);
    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
  });

  it('forgets what did not arrive, and has what was written ready to be sent as a new one', async () => {
    const { tab } = at.desk;
    await press(tab, 'They do not have it: take it back');
    await says(tab, 'Not sent yet');

    expect(await tab.getByRole('button', { name: 'Send the referral' }).isEnabled()).toBe(true);
  });

  it('a change that is sent meanwhile waits for the decision', async () => {
    const { tab, sandbox } = at.desk;
    await tab.getByLabel('Urgent', { exact: true }).check();
    await press(tab, 'Send the change');
    await says(tab, 'Waiting for the one before', 'the change');
    expect(messagesIn(sandbox)).toBe(1);
    await press(tab, 'They do not have it: send it again');
    await tab.getByRole('heading', { name: '2 versions of one referral' }).waitFor();

    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
  });
});
