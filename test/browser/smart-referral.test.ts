import { type Browser } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { atSmartReferral } from './at-smart-referral.ts';
import { launchChromium } from './launch-chromium.ts';
import { heldBy, launches, messagesIn, pickOrder, press, received, requestsTo, says, sendChange, sendReferral, until } from './smart-referral-desk.ts';

const chromium = await launchChromium();

const submit = 'submit-service-request';
const update = 'update-service-request';
const oneReferralTwice = [{ versions: 2, urgency: 'urgent' }];

describe.skipIf(chromium === undefined)('the example smart-referral, in a browser', () => {
  const at = atSmartReferral(chromium as Browser);

  it.each(Object.entries(launches))('opened %s: a referral, then a change of it, is one referral with two versions', async (_, launch) => {
    const { sandbox } = at.desk;
    const screen = await launch(at.desk, at.app);
    await pickOrder(screen);

    await sendReferral(screen);
    await sendChange(screen);

    expect(heldBy(sandbox)).toEqual(oneReferralTwice);
    expect(requestsTo(sandbox)).toEqual([[submit, 200], [update, 200]]);
    // Nothing is in the console of somebody for whom all goes well.
    expect(at.desk.failures).toEqual([]);
  });

  it('a version says when it was written, and has as many parts as the message that is drawn', async () => {
    const { tab } = at.desk;
    await tab.clock.setFixedTime(new Date('2026-03-02T09:05:00'));
    await launches['from the EHR'](at.desk, at.app);
    await pickOrder(tab);
    const [, parts = ''] = /One message with (\d+) parts/.exec((await tab.getByText('One message with').textContent()) ?? '') ?? [];
    await sendReferral(tab);

    expect(await tab.getByRole('definition').allTextContents()).toEqual(expect.arrayContaining([expect.stringMatching(/^Mar 2, 2026, 9:05\sAM$/), parts]));
    expect(await tab.getByText('One message with').textContent()).toContain(`${parts} parts`);
  });

  it('in a frame, the EHR is another site than the app, and no cookie is set', async () => {
    const { tab, context } = at.desk;
    const frame = await launches['in a frame of another site'](at.desk, at.app);
    await frame.getByRole('heading', { name: 'Which order do you want to refer?' }).waitFor();

    expect([new URL(tab.url()).hostname, new URL(frame.url()).hostname]).toEqual(['localhost', '127.0.0.1']);
    expect(await context.cookies()).toEqual([]);
  });

  it.each([
    ['the reply is lost', { kind: 'drop-reply' }, [undefined, 200]],
    ['the server says 503 twice', { kind: 'unavailable', times: 2, retryAfterSeconds: 0 }, [503, 503, 200]],
    ['the token expires', { kind: 'expired-token' }, [401, 200]],
  ] as const)('%s, for the referral and for its change: still one referral with two versions', async (_, fault, answers) => {
    const { sandbox } = at.desk;
    const screen = await launches['from the EHR'](at.desk, at.app);
    await pickOrder(screen);

    sandbox.faults.switchOn(fault);
    await sendReferral(screen);
    sandbox.faults.switchOn(fault);
    await sendChange(screen);

    expect(heldBy(sandbox)).toEqual(oneReferralTwice);
    expect(requestsTo(sandbox)).toEqual([...answers.map((status) => [submit, status]), ...answers.map((status) => [update, status])]);
    expect(messagesIn(sandbox)).toBe(2);
  });

  it('the network goes in mid-send, and comes back: the app says that it may have arrived, and by itself sends the same one again: still one referral', async () => {
    const { sandbox, tab } = at.desk;
    await launches['from the EHR'](at.desk, at.app);
    await pickOrder(tab);
    sandbox.faults.switchOn('delay');

    await press(tab, 'Send the referral');
    await until(() => sandbox.messages.length === 1);
    await at.desk.unplug();
    await says(tab, 'It may have arrived');
    await tab.getByText('You are offline.').waitFor();
    await at.desk.plugIn();
    await tab.getByText('You are offline.').waitFor({ state: 'detached' });
    await received(tab);
    await sendChange(tab);

    expect(heldBy(sandbox)).toEqual(oneReferralTwice);
    expect(messagesIn(sandbox)).toBe(2);
  });
});
