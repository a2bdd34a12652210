import 'fake-indexeddb/auto';
import { newFullUrl } from '@fhir-messaging/core';
import { createReceiver, httpHandler } from '@fhir-messaging/receiver';
import type { Patient, ServiceRequest } from 'fhir/r4';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { serve, startServer } from '../exchange/loopback.ts';
import { account } from './outbox-under-test.ts';

const fullUrl = newFullUrl();
const patient: Patient = { resourceType: 'Patient', id: '2', name: [{ family: 'Miller' }] };
const order: ServiceRequest = { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/2' } };
const came: unknown[] = [];
const base = 'https://manager.example.org/fhir';

// README-START
import { createMessenger, processMessageTransport, updateEntry } from '@fhir-messaging/core';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { createOutbox, keepSending } from '@fhir-messaging/outbox';
import { indexedDbOutboxStore } from '@fhir-messaging/storage/indexeddb';

// README-PAUSE
const manager = createReceiver({ source: base, identity: netsmart })
  .on(submitServiceRequest, ({ payload: { ServiceRequest: resource } }) => {
    came.push('submit');
    return { focus: [{ fullUrl: `${base}/ServiceRequest/1`, resource: { ...resource, id: '1', subject: { display: 'the patient' } } }] };
  })
  .on(updateServiceRequest, ({ graph }) => void came.push(['update', graph.get(`${base}/ServiceRequest/1`)]));
const server = await startServer(serve(httpHandler(manager)));
const baseUrl = server.url;
// README-RESUME
const messenger = createMessenger({ transport: processMessageTransport({ baseUrl }), source: 'https://app.example.org', identity: netsmart });
const store = indexedDbOutboxStore('referrals');
const events = [submitServiceRequest, updateServiceRequest];
const outbox = createOutbox({ store, messenger, account, events, identity: netsmart });
const stop = keepSending(outbox);

const referral = messenger.create(submitServiceRequest, { ServiceRequest: { fullUrl, resource: order }, Patient: patient });
const queued = await outbox.enqueue(referral); // from here on it is safe
const urgent = updateEntry(referral.graph, fullUrl, (draft) => { Object.assign(draft, { priority: 'urgent' }); });
await outbox.enqueue({ event: updateServiceRequest, graph: urgent }, { after: queued.id });
// README-END

it("the README's example is the code above, to the letter", async () => {
  const [text, own] = await Promise.all(['../../packages/outbox/README.md', './readme.test.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
  const [, head = '', body = ''] = /\/\/ README-START\n([^]*?)\/\/ README-PAUSE\n[^]*?\/\/ README-RESUME\n([^]*?)\/\/ README-END/.exec(own ?? '') ?? [];

  expect(body).not.toBe('');
  expect(text).toContain(`\n\n\`\`\`ts\n${head}${body}\`\`\``);
  expect(text?.split('\n').length).toBeLessThanOrEqual(125);
});

it('the referral goes first, its update under the id that the manager gave', async () => {
  await expect.poll(async () => (await outbox.list()).entries.map(({ state }) => state)).toEqual(['replied', 'replied']);

  expect(came).toEqual(['submit', ['update', expect.objectContaining({ priority: 'urgent' })]]);
  stop();
  await outbox.close();
  store.close();
  await server.stop();
});
