import { type Browser } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { atSmartReferral } from './at-smart-referral.ts';
import { launchChromium } from './launch-chromium.ts';
import { heldBy, launchAs, launches, messagesIn, pickOrder, press, received, requestsTo, says, sendReferral, until } from './smart-referral-desk.ts';

const chromium = await launchChromium();

const nadia = { user: 'Practitioner/nadia-holm' };
const submit = 'submit-service-request';
const update = 'update-service-request';

describe.skipIf(chromium === undefined)('the example smart-referral, offline', () => {
  const at = atSmartReferral(chromium as Browser, { arrive: (desk, app) => launchAs(desk, app, nadia) });

  /** Loses the network over a referral that is ready, and presses send all the same. */
  async function sendOffline(): Promise<void> {
    await pickOrder(at.desk.tab);
    await at.desk.unplug();
    await press(at.desk.tab, 'Send the referral');
    await says(at.desk.tab, 'Queued');
  }

  it('a referral that was sent offline says where it is kept, and goes out when the connection is back: one referral', async () => {
    const { tab, sandbox } = at.desk;
    await sendOffline();
    await tab.getByText('Kept on this device; it goes out when the connection is back.').waitFor();
    expect(requestsTo(sandbox)).toEqual([]);

    await at.desk.plugIn();
    await received(tab);

    expect(requestsTo(sandbox)).toEqual([[submit, 200]]);
    expect(heldBy(sandbox)).toEqual([{ versions: 1, urgency: 'routine' }]);
  });

  it('the tab closed meanwhile, the app launched again by the same person, online: exactly one referral', async () => {
    const { sandbox } = at.desk;
    await sendOffline();
    await at.desk.reopen();
    await at.desk.plugIn();
    expect(requestsTo(sandbox)).toEqual([]);

    await launchAs(at.desk, at.app, nadia);
    await at.desk.tab.getByRole('button', { name: 'Sent' }).click();
    await received(at.desk.tab);

    expect(requestsTo(sandbox)).toEqual([[submit, 200]]);
    expect(heldBy(sandbox)).toEqual([{ versions: 1, urgency: 'routine' }]);
  });

  it('a referral, and a change of it, both offline, the tab closed in between: one referral with two versions, in order', async () => {
    const { tab, sandbox } = at.desk;
    await sendOffline();
    await tab.getByText('The same in words', { exact: true }).click();
    await tab.getByText(/^Envelope \(Changes a referral\) refers to/).waitFor();
    await tab.getByLabel('Urgent', { exact: true }).check();
    await press(tab, 'Send the change');
    await says(tab, 'Queued', 'the change');
    await tab.getByText('Kept on this device; it goes out right after the one before it.').waitFor();
    await at.desk.reopen();
    await at.desk.plugIn();

    await launchAs(at.desk, at.app, nadia);
    await at.desk.tab.getByRole('button', { name: 'Sent' }).click();
    await at.desk.tab.getByRole('heading', { name: '2 versions of one referral' }).waitFor();

    expect(requestsTo(sandbox)).toEqual([[submit, 200], [update, 200]]);
    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
  });

  it('what waits can be taken back; then nothing of it goes out, and what was written is still there', async () => {
    const { tab, sandbox } = at.desk;
    await pickOrder(tab);
    await tab.getByLabel('At once', { exact: true }).check();
    await at.desk.unplug();
    await press(tab, 'Send the referral');
    await says(tab, 'Queued');
    await press(tab, 'Take it back');
    await says(tab, 'Not sent yet');
    await at.desk.plugIn();
    await press(tab, 'Send the referral');
    await received(tab);

    expect(requestsTo(sandbox)).toEqual([[submit, 200]]);
    expect(heldBy(sandbox)).toEqual([{ versions: 1, urgency: 'stat' }]);
  });

  it('a change that waits can be taken back: what was written is there, to be sent again', async () => {
    const { tab, sandbox } = at.desk;
    await pickOrder(tab);
    await sendReferral(tab);
    await at.desk.unplug();
    await tab.getByLabel('Urgent', { exact: true }).check();
    await tab.getByLabel('A note for those who receive it').fill('Please call before the first visit.');
    await press(tab, 'Send the change');
    await says(tab, 'Queued', 'the change');
    await press(tab, 'Take it back');
    await says(tab, 'Not sent yet', 'the next change');
    expect(await tab.getByLabel('A note for those who receive it').inputValue()).toBe('Please call before the first visit.');
    await at.desk.plugIn();
    await press(tab, 'Send the change');
    await tab.getByRole('heading', { name: '2 versions of one referral' }).waitFor();

    expect(heldBy(sandbox)).toEqual([{ versions: 2, urgency: 'urgent' }]);
  });

  it('another person signs in: nothing of the first one’s is sent or shown; it goes when that one is back', async () => {
    const { sandbox } = at.desk;
    await sendOffline();
    await at.desk.reopen();
    await at.desk.plugIn();

    await launchAs(at.desk, at.app, { user: 'Practitioner/joel-park' });
    const { tab } = at.desk;
    expect(await tab.getByRole('button', { name: 'Outpatient therapy, anxiety' }).textContent()).not.toMatch(/Queued|Sent/);
    expect(await tab.getByText('on this device').count()).toBe(0);
    await pickOrder(tab);
    await press(tab, 'All orders');
    expect(requestsTo(sandbox)).toEqual([]);

    await at.desk.reopen();
    await launchAs(at.desk, at.app, nadia);
    await until(() => sandbox.referrals.size === 1);
    expect(requestsTo(sandbox)).toEqual([[submit, 200]]);
  });

  it('opened for another patient: what waits for the first goes out, and only that it waits is said', async () => {
    const { tab, sandbox } = at.desk;
    sandbox.faults.switchOn({ kind: 'unavailable', times: 4, retryAfterSeconds: 0 });
    await pickOrder(tab);
    await press(tab, 'Send the referral');
    await says(tab, 'Trying again shortly');
    await at.desk.reopen();
    sandbox.faults.switchOn({ kind: 'delay' });

    await launchAs(at.desk, at.app, { ...nadia, patient: 'ben-okafor' });
    await at.desk.tab.getByText('One more message of yours, about another order, waits on this device.').waitFor();
    expect(await at.desk.tab.getByText('Shaw').count()).toBe(0);
    await until(() => sandbox.referrals.size === 1);
    at.desk.letGo();
    await at.desk.tab.getByText('One more message of yours').waitFor({ state: 'detached' });

    expect(heldBy(sandbox)).toEqual([{ versions: 1, urgency: 'routine' }]);
    expect(messagesIn(sandbox)).toBe(1);
  });

  it('what is kept is sealed: no name of the patient is found in what the browser stores', async () => {
    await sendOffline();
    const stored = await at.desk.tab.evaluate(async () => {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open('smart-referral');
        opening.onsuccess = () => resolve(opening.result);
      });
      const all = await Promise.all(
        [...database.objectStoreNames].map(
          (name) =>
            new Promise<unknown[]>((resolve) => {
              const reading = database.transaction(name).objectStore(name).getAll();
              reading.onsuccess = () => resolve(reading.result);
            }),
        ),
      );
      database.close();
      return JSON.stringify(all.flat(), (_, value: unknown) => (value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value));
    });

    expect(stored).toContain('submit-service-request');
    expect(stored).toContain('"sealedWith":"browser"');
    expect(['Shaw', 'Elm Street', 'anxiety'].filter((planted) => stored.includes(planted))).toEqual([]);
  });

  it('in a frame of another site the promise is smaller, and said so; there, it is kept', async () => {
    const { sandbox } = at.desk;
    const frame = await launches['in a frame of another site'](at.desk, at.app);
    await pickOrder(frame);
    await at.desk.unplug();
    await press(frame, 'Send the referral');
    await frame.getByText('Kept on this device, for this EHR alone; it goes out when the connection is back.').waitFor();
    await at.desk.reopen();
    await at.desk.plugIn();

    const again = await launches['in a frame of another site'](at.desk, at.app);
    await again.getByRole('button', { name: 'Sent' }).waitFor();
    expect(requestsTo(sandbox)).toEqual([[submit, 200]]);
  });
});
