import { adoptReply, createMessenger, processMessageTransport, readCapabilities, updateEntry } from '@fhir-messaging/core';
import type { Messenger } from '@fhir-messaging/core';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { createSandbox } from '@fhir-messaging/sandbox';
import type { Sandbox } from '@fhir-messaging/sandbox';
import type Client from 'fhirclient/lib/Client.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { payloadOfReferral } from './referral.ts';
import { answerAuthorizePage, startSmartApp } from './smart-app.ts';
import type { SmartApp } from './smart-app.ts';

const scope = 'launch launch/patient openid fhirUser offline_access user/*.read user/Messaging.write system/Messaging.write';

let sandbox: Sandbox;
let app: SmartApp;

beforeEach(async () => {
  sandbox = await createSandbox({ tokenLifetimeSeconds: 5 });
  app = await startSmartApp(scope);
});

afterEach(async () => {
  await app.stop();
  await sandbox.close();
});

const messengerOf = (client: Client): Messenger =>
  createMessenger({
    transport: processMessageTransport({ baseUrl: client.state.serverUrl, headers: () => ({ authorization: client.getAuthorizationHeader() ?? '' }) }),
    source: 'https://clinic.example.org/app',
    destination: sandbox.baseUrl,
    identity: netsmart,
  });

describe('fhirclient 2.6, launched from the EHR', () => {
  it('gets patient, encounter, user and the granted scopes (SMART App Launch 2.2, EHR launch)', async () => {
    const landed = await fetch(sandbox.launch(app.launchUrl, { patient: 'ben-okafor', encounter: 'ben-okafor-visit', user: 'Practitioner/joel-park' }));

    expect(await landed.text()).toBe('launched');
    const client = app.client();
    expect(client.patient.id).toBe('ben-okafor');
    expect(client.encounter.id).toBe('ben-okafor-visit');
    expect(client.user.fhirUser).toBe('Practitioner/joel-park');
    expect(client.getIdToken()?.['fhirUser']).toBe(`${sandbox.baseUrl}/Practitioner/joel-park`);
    expect(client.getState('tokenResponse.scope')).toBe(scope.replace(' system/Messaging.write', ''));
    expect((await client.patient.read())['name']).toEqual([{ use: 'official', text: 'Ben Okafor', given: ['Ben'], family: 'Okafor' }]);
  });

  it('submits a referral and updates it: one referral in two versions, with the change between them', async () => {
    await fetch(sandbox.launch(app.launchUrl));
    const client = app.client();
    await client.refreshIfNeeded();
    const messenger = messengerOf(client);
    const referral = messenger.create(submitServiceRequest, await payloadOfReferral((reference) => client.request(reference), 'amy-shaw'), { base: sandbox.baseUrl });

    const submitted = await messenger.send(referral);
    if (submitted.kind !== 'ok') throw new Error(submitted.kind);
    const { graph, issues } = adoptReply(referral, submitted.message);
    const key = graph.entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest')?.key ?? '';
    const urgent = updateEntry(graph, key, (order) => {
      if (order.resourceType === 'ServiceRequest') order.priority = 'urgent';
    });
    const updated = await messenger.send(messenger.create(updateServiceRequest, urgent));

    expect(issues).toEqual([]);
    expect(updated.kind).toBe('ok');
    expect([...sandbox.referrals.values()].map(({ versions }) => versions.length)).toEqual([2]);
    expect(sandbox.messages.map(({ event, payload, sender }) => [event, payload.ServiceRequest.priority, sender])).toEqual([
      ['submit-service-request', 'routine', 'clinic-app'],
      ['update-service-request', 'urgent', 'clinic-app'],
    ]);
    const page = await (await fetch(new URL(`referral?${new URLSearchParams({ url: key })}`, `${sandbox.managerUrl}/`))).text();
    expect(page).toContain('<del>routine</del>');
    expect(page).toContain('<ins>urgent</ins>');
  });

  it('refreshes its token by itself: another token, the same scopes', async () => {
    await fetch(sandbox.launch(app.launchUrl));
    const client = app.client();
    const first = client.getState('tokenResponse.access_token');

    await client.refreshIfNeeded();

    expect(client.getState('tokenResponse.access_token')).not.toBe(first);
    expect((await client.request('Patient/amy-shaw')).resourceType).toBe('Patient');
  });

  it('is told by a fault that its token is over, refreshes, and sends the same message', async () => {
    await fetch(sandbox.launch(app.launchUrl));
    const client = app.client();
    const messenger = messengerOf(client);
    await client.refreshIfNeeded();
    const message = messenger.create(submitServiceRequest, await payloadOfReferral((reference) => client.request(reference), 'amy-shaw'), { base: sandbox.baseUrl });
    sandbox.faults.switchOn('expired-token');

    const refused = await messenger.send(message);
    await client.refresh();
    const sent = await messenger.send(message);

    expect([refused.kind, refused.http?.status, sent.kind]).toEqual(['refused', 401, 'ok']);
    expect(sandbox.referrals.size).toBe(1);
  });

  it('finds the cache that its resends count on in /metadata (CapabilityStatement.messaging.reliableCache)', async () => {
    const statement = await (await fetch(`${sandbox.baseUrl}/metadata`)).json();

    const { peer, endpoints, processMessage } = readCapabilities(statement as object);

    expect({ peer, endpoints, processMessage }).toEqual({ peer: { reliableCacheMinutes: 60 }, endpoints: [sandbox.baseUrl], processMessage: true });
  });
});

describe('fhirclient 2.6, started by itself', () => {
  it('is asked on a page who uses it and for whom (SMART App Launch 2.2, standalone launch)', async () => {
    const page = await fetch(`${app.launchUrl}?${new URLSearchParams({ iss: sandbox.baseUrl })}`);
    const landed = await answerAuthorizePage(page, { user: 'Practitioner/joel-park', patient: 'clara-lind', answer: 'allow' });

    expect(await landed.text()).toBe('launched');
    expect(app.client().patient.id).toBe('clara-lind');
    expect(app.client().user.fhirUser).toBe('Practitioner/joel-park');
  });

  it('is told that its user said no', async () => {
    const page = await fetch(`${app.launchUrl}?${new URLSearchParams({ iss: sandbox.baseUrl })}`);
    const landed = await answerAuthorizePage(page, { user: 'Practitioner/joel-park', patient: 'clara-lind', answer: 'deny' });

    expect([landed.status, await landed.text()]).toEqual([500, expect.stringContaining('The user said no.')]);
  });
});
