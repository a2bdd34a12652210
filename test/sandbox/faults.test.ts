import { createMessage, readReply } from '@fhir-messaging/core';
import { submitServiceRequest } from '@fhir-messaging/netsmart';
import { createSandbox } from '@fhir-messaging/sandbox';
import type { FaultKind, Sandbox, SandboxOptions } from '@fhir-messaging/sandbox';
import type { ServiceRequest } from 'fhir/r4';
import { afterEach, describe, expect, it } from 'vitest';
import { payloadOfReferral, readerOf, signedIn } from './referral.ts';

let sandbox: Sandbox;

const start = async (options: SandboxOptions = {}): Promise<Sandbox> => (sandbox = await createSandbox(options));

afterEach(async () => {
  await sandbox.close();
});

const statuses = (): readonly (number | undefined)[] => sandbox.arrivals.map(({ status }) => status);

describe('a fault that there is not', () => {
  const unknown = Object('nonsense').toString() as FaultKind;
  const kinds = /There is no fault nonsense: .*\bdelay, drop-reply, .*ended-session/;

  it.each([unknown, { kind: unknown }])('is refused with the kinds that there are, where a sandbox starts with %j and where it is switched on', async (fault) => {
    await expect(createSandbox({ faults: [fault] }).then((started) => started.close())).rejects.toThrow(kinds);
    await start();

    expect(() => sandbox.faults.switchOn(fault)).toThrow(kinds);
    expect(sandbox.faults.active).toEqual([]);
  });
});

describe('a fault that is switched on', () => {
  it('drop-reply: the message is processed, its reply lost; the resend gets the first reply, and there is one referral', async () => {
    await start({ faults: ['drop-reply'] });
    const { messenger, message } = await signedIn(sandbox);

    const reply = await messenger.send(message);

    expect([reply.kind, reply.attempts]).toEqual(['ok', 2]);
    expect(statuses()).toEqual([undefined, 200]);
    expect([sandbox.messages.length, sandbox.referrals.size]).toEqual([1, 1]);
  });

  it('unavailable: 503 with Retry-After, as often as it says, before anything is processed', async () => {
    await start({ faults: [{ kind: 'unavailable', times: 2, retryAfterSeconds: 7 }] });
    const { messenger, message, waits } = await signedIn(sandbox);

    const reply = await messenger.send(message);

    expect([reply.kind, reply.attempts]).toEqual(['ok', 3]);
    expect(statuses()).toEqual([503, 503, 200]);
    expect(waits.every((wait) => wait >= 7000)).toBe(true);
  });

  it('throttled: 429 with Retry-After', async () => {
    await start({ faults: ['throttled'] });
    const { messenger, message } = await signedIn(sandbox);

    await messenger.send(message);

    expect(statuses()).toEqual([429, 200]);
  });

  it('transient-error: a reply that says so, and the resend is processed', async () => {
    await start({ faults: ['transient-error'] });
    const { messenger, message } = await signedIn(sandbox);

    const reply = await messenger.send(message);

    expect([reply.kind, reply.attempts]).toEqual(['ok', 2]);
    expect(sandbox.messages.map(({ code }) => code)).toEqual(['transient-error', 'ok']);
    expect(sandbox.referrals.size).toBe(1);
  });

  it('fatal-error: a reply that says so, for good', async () => {
    await start({ faults: ['fatal-error'] });
    const { messenger, message } = await signedIn(sandbox);

    const replies = [await messenger.send(message), await messenger.send(message)];

    expect(replies.map(({ kind }) => kind)).toEqual(['fatal-error', 'fatal-error']);
    expect([sandbox.messages.length, sandbox.referrals.size]).toEqual([1, 0]);
  });

  it('refused: 422, before anything is processed', async () => {
    await start({ faults: ['refused'] });
    const { messenger, message } = await signedIn(sandbox);

    expect(await messenger.send(message)).toMatchObject({ kind: 'refused', mayHaveArrived: false, issues: [{ code: 'business-rule' }] });
    expect([statuses(), sandbox.messages.length]).toEqual([[422], 0]);
  });

  it('accepted: processed, and answered with 202 alone', async () => {
    await start({ faults: ['accepted'] });
    const { messenger, message } = await signedIn(sandbox);

    expect(await messenger.send(message)).toMatchObject({ kind: 'accepted', duplicate: false });
    expect([statuses(), sandbox.referrals.size]).toEqual([[202], 1]);
  });

  it('unreadable-reply: processed, and answered with what is no JSON; the same one again gets its reply', async () => {
    await start({ faults: ['unreadable-reply'] });
    const { messenger, message } = await signedIn(sandbox);

    await expect(messenger.send(message)).rejects.toMatchObject({ code: 'reply.invalid', delivery: 'yes' });
    expect((await messenger.send(message)).kind).toBe('ok');
    expect([sandbox.messages.length, sandbox.referrals.size]).toEqual([1, 1]);
  });

  it('delay: processed at once, answered when the wait is over', async () => {
    const waits: number[] = [];
    await start({
      faults: [{ kind: 'delay', delayMs: 9000 }],
      sleep: async (delayMs) => {
        waits.push(delayMs, sandbox.messages.length);
      },
    });
    const { messenger, message } = await signedIn(sandbox);

    const reply = await messenger.send(message);

    expect([reply.kind, waits]).toEqual(['ok', [9000, 1]]);
  });

  it('expired-token: 401, for this request and every later one with that token', async () => {
    await start({ faults: ['expired-token'] });
    const { messenger, message, accessToken } = await signedIn(sandbox);

    const reply = await messenger.send(message);
    const later = await fetch(`${sandbox.baseUrl}/Patient/amy-shaw`, { headers: { authorization: `Bearer ${accessToken}` } });

    expect([reply.kind, reply.http?.status, later.status]).toEqual(['refused', 401, 401]);
    expect(sandbox.messages).toEqual([]);
  });

  it('ended-session: 401, and neither that access token nor the refresh token holds any more', async () => {
    await start({ faults: ['ended-session'] });
    const { refresh_token: renewing = '', access_token: token } = await sandbox.signIn();
    const answer = await fetch(`${sandbox.baseUrl}/$process-message`, { method: 'POST', body: '{}', headers: { authorization: `Bearer ${token}` } });
    const renewal = await fetch(new URL('/auth/token', sandbox.baseUrl), { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: renewing }) });

    expect([answer.status, renewal.status, await renewal.json()]).toMatchObject([401, 400, { error: 'invalid_grant' }]);
  });

  it.each<[FaultKind, number | undefined]>([
    ['delay', 200],
    ['drop-reply', undefined],
    ['unreadable-reply', 200],
    ['accepted', 202],
  ])('%s leaves alone what is refused and never processed, without a token or by a check, and strikes the next message that is processed', async (kind, status) => {
    await start({ faults: [{ kind, delayMs: 0 }, 'unavailable'] });
    const { messenger, message, accessToken } = await signedIn(sandbox, { retry: { maxAttempts: 1 } });
    const post = (authorization: string): Promise<Response> =>
      fetch(`${sandbox.baseUrl}/$process-message`, { method: 'POST', body: JSON.stringify({ resourceType: 'Bundle', type: 'message' }), headers: { authorization, 'content-type': 'application/fhir+json' } });

    const refused = [await post('Bearer over'), await post(`Bearer ${accessToken}`)];

    expect(refused.map((answer) => answer.status)).toEqual([401, 400]);
    expect(sandbox.arrivals.map((arrival) => [arrival.status, arrival.fault])).toEqual([[401, undefined], [400, undefined]]);
    expect(await refused[1]?.json()).toMatchObject({ resourceType: 'OperationOutcome' });
    await messenger.send(message).catch(() => undefined);
    await messenger.send(message).catch(() => undefined);
    expect(sandbox.arrivals.slice(2).map((arrival) => [arrival.status, arrival.fault])).toEqual([[status, kind], [503, 'unavailable']]);
    expect(sandbox.faults.active).toEqual([]);
  });

  it('strikes until it is switched off, where its times are without end', async () => {
    await start({ faults: [{ kind: 'unavailable', times: Infinity }] });
    const { messenger, message } = await signedIn(sandbox, { retry: { maxAttempts: 1 } });

    await expect(messenger.send(message)).rejects.toMatchObject({ code: 'transport.status', status: 503 });
    await expect(messenger.send(message)).rejects.toMatchObject({ code: 'transport.status', status: 503 });
    sandbox.faults.switchOff('unavailable');

    expect((await messenger.send(message)).kind).toBe('ok');
  });

  it.each<FaultKind>(['delay', 'drop-reply', 'unreadable-reply', 'accepted', 'unavailable', 'throttled', 'refused', 'transient-error', 'fatal-error', 'expired-token', 'ended-session'])('%s is switched on and off on the page', async (kind) => {
    await start();
    const post = (path: string, body: Record<string, string>): Promise<Response> =>
      fetch(`${sandbox.managerUrl}/${path}`, { method: 'POST', body: new URLSearchParams(body), headers: { origin: new URL(sandbox.managerUrl).origin } });

    const page = await post('faults', { kind, times: 'always', seconds: '3' });
    const on = sandbox.faults.active;
    await post('faults/off', { kind });

    expect(await page.text()).toContain('until switched off');
    expect(on).toEqual([{ kind, times: Infinity, delayMs: 3000, retryAfterSeconds: 3 }]);
    expect(sandbox.faults.active).toEqual([]);
  });

  it('is not switched by the page of another site', async () => {
    await start();

    const answer = await fetch(`${sandbox.managerUrl}/faults`, { method: 'POST', body: new URLSearchParams({ kind: 'delay' }), headers: { origin: 'https://other.example.org' } });

    expect([answer.status, sandbox.faults.active]).toEqual([403, []]);
  });
});

describe('the referral manager', () => {
  it('replies what a test scripts, once each, and then as ever', async () => {
    await start({ replies: [{ code: 'fatal-error', issues: [{ severity: 'error', code: 'business-rule', diagnostics: 'No beds.' }] }] });
    const { messenger, message } = await signedIn(sandbox);
    const read = readerOf(sandbox, (await sandbox.signIn()).access_token);

    const scripted = await messenger.send(message);
    const usual = await messenger.send(messenger.create(submitServiceRequest, await payloadOfReferral(read, 'ben-okafor'), { base: sandbox.baseUrl }));

    expect(scripted.issues.map(({ details, diagnostics }) => details?.text ?? diagnostics)).toEqual(['No beds.']);
    expect([scripted.kind, usual.kind]).toEqual(['fatal-error', 'ok']);
    expect([...sandbox.referrals.values()].map(({ versions }) => versions[0]?.received.payload.Patient.id)).toEqual(['ben-okafor']);
  });

  it('names what is new, and its resources are read under those names', async () => {
    await start();
    const { messenger, accessToken } = await signedIn(sandbox);
    const reply = await messenger.send(
      messenger.create(submitServiceRequest, { ServiceRequest: { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/amy-shaw' } }, Patient: { resourceType: 'Patient', id: 'amy-shaw' } }, { base: sandbox.baseUrl }),
    );

    const [url = ''] = sandbox.referrals.keys();
    expect(reply.kind).toBe('ok');
    expect(url).toBe(`${sandbox.baseUrl}/ServiceRequest/1001`);
    expect(await readerOf(sandbox, accessToken)('ServiceRequest/1001')).toMatchObject({ resourceType: 'ServiceRequest', status: 'active' });
  });

  it('shows a patient without a name by the id', async () => {
    await start();
    const { messenger } = await signedIn(sandbox);
    await messenger.send(messenger.create(submitServiceRequest, { ServiceRequest: { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/amy-shaw' } }, Patient: { resourceType: 'Patient', id: 'amy-shaw' } }, { base: sandbox.baseUrl }));

    expect(await (await fetch(sandbox.managerUrl)).text()).toMatch(/<td[^>]*>\s*amy-shaw\s*<\/td>/);
  });

  it('refuses a second submission of an order that it has', async () => {
    await start();
    const { messenger, message } = await signedIn(sandbox);
    await messenger.send(message);

    const again = await messenger.send(messenger.create(submitServiceRequest, message.graph as never));

    expect([again.kind, again.issues.map(({ code }) => code)]).toEqual(['fatal-error', ['duplicate']]);
    expect(sandbox.referrals.size).toBe(1);
  });

  it.each([
    'Practitioner/nadia-holm',
    '/Practitioner/nadia-holm',
    'Practitioner/nadia-holm#x',
    'Practitioner?identifier=1',
    '#nobody',
    'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0',
  ])('refuses what refers, without its server, to something that it does not carry: under the names given here that would be of this server, or of none (%s)', async (reference) => {
    await start();
    const { accessToken } = await signedIn(sandbox);
    const order: ServiceRequest = { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/amy-shaw' } };
    const { bundle } = createMessage(submitServiceRequest, { ServiceRequest: order, Patient: { resourceType: 'Patient', id: 'amy-shaw' } }, { source: 'https://clinic.example.org/app' });
    const entry = bundle.entry?.map((one) => (one.resource?.resourceType === 'ServiceRequest' ? { ...one, resource: { ...one.resource, performer: [{ reference }] } } : one));

    const answer = await fetch(`${sandbox.baseUrl}/$process-message`, { method: 'POST', body: JSON.stringify({ ...bundle, entry }), headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/fhir+json' } });
    const reply = readReply(await answer.text());

    expect([reply.code, reply.issues.map(({ code, expression }) => [code, expression])]).toEqual(['fatal-error', [['business-rule', ['Bundle.entry[1].resource.performer[0]']]]]);
    expect(sandbox.referrals.size).toBe(0);
  });

  it.each([
    ['Practitioner/of-the-clinic', 'ok', 1],
    ['Practitioner?identifier=1', 'fatal-error', 0],
    ['urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', 'fatal-error', 0],
  ])('takes what refers to another resource of its own server, and nothing that leads nowhere (%s)', async (reference, code, taken) => {
    await start();
    const { accessToken } = await signedIn(sandbox);
    const order: ServiceRequest = { resourceType: 'ServiceRequest', id: 's1', status: 'active', intent: 'order', subject: { reference: 'Patient/amy-shaw' } };
    const { bundle } = createMessage(submitServiceRequest, { ServiceRequest: order, Patient: { resourceType: 'Patient', id: 'amy-shaw' } }, { source: 'https://clinic.example.org/app', base: 'https://clinic.example.org/fhir' });
    const entry = bundle.entry?.map((one) => (one.resource?.resourceType === 'ServiceRequest' ? { ...one, resource: { ...one.resource, performer: [{ reference }] } } : one));

    const answer = await fetch(`${sandbox.baseUrl}/$process-message`, { method: 'POST', body: JSON.stringify({ ...bundle, entry }), headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/fhir+json' } });

    expect([readReply(await answer.text()).code, sandbox.referrals.size]).toEqual([code, taken]);
  });

  it('takes no message without the scope Messaging.write', async () => {
    await start();
    const { access_token } = await sandbox.signIn({ scope: 'user/*.read' });

    const answer = await fetch(`${sandbox.baseUrl}/$process-message`, { method: 'POST', body: '{}', headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/fhir+json' } });

    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([403, 'Bearer error="insufficient_scope", scope="user/Messaging.write"']);
  });
});
