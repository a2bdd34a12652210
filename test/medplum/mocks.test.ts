import { assemble, createMessage, createMessenger, defineEvent } from '@fhir-messaging/core';
import { forMedplum, medplumBot, medplumReader, medplumTransport } from '@fhir-messaging/medplum';
import type { MedplumBotContext } from '@fhir-messaging/medplum';
import { createReceiver } from '@fhir-messaging/receiver';
import type { BotEvent, MedplumClient } from '@medplum/core';
import { allOk, OperationOutcomeError } from '@medplum/core';
import type { Patient, ServiceRequest } from '@medplum/fhirtypes';
import { MockClient } from '@medplum/mock';
import { describe, expect, it } from 'vitest';

const admit = forMedplum(
  defineEvent({ coding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } }),
);
const source = 'https://app.example.org';
const simpson: Patient = { resourceType: 'Patient', name: [{ family: 'Simpson' }] };

/** A receiver that stores whom it admits in Medplum. */
const ward = () =>
  createReceiver<MedplumBotContext<MedplumClient>>({ source: 'https://ward.example.org' }).on(admit, async ({ payload, context: { medplum } }) => ({
    focus: [await medplum.createResource(payload.Patient)],
  }));

const eventOf = (input: unknown): BotEvent => ({
  bot: { reference: 'Bot/b1' },
  contentType: 'application/fhir+json',
  input,
  secrets: {},
  requester: { reference: 'Practitioner/p1' },
  headers: { 'content-type': 'application/fhir+json' },
});

describe('a MockClient', () => {
  it('hosts the receiver at $process-message, and a message sent through it is processed and answered', async () => {
    const medplum = new MockClient();
    const bot = medplumBot(ward());
    medplum.router.add('POST', '/$process-message', async (request) => [allOk, await bot(medplum, eventOf(request.body))]);
    const messenger = createMessenger({ transport: medplumTransport(medplum), source });

    const reply = await messenger.send(messenger.create(admit, { Patient: simpson }));

    const id = reply.kind === 'ok' ? reply.message.graph.all('Patient')[0]?.id : undefined;
    expect(id).toBeDefined();
    expect(await medplum.readResource('Patient', id ?? '')).toMatchObject(simpson);
  });

  it('answers as no server would where nobody is at $process-message: refused, 404', async () => {
    const messenger = createMessenger({ transport: medplumTransport(new MockClient()), source });

    expect(await messenger.send(messenger.create(admit, { Patient: simpson }))).toMatchObject({ kind: 'refused', http: { status: 404 } });
  });

  it('is assembled from: the order and its patient, in the types of Medplum', async () => {
    const medplum = new MockClient();
    const patient = await medplum.createResource(simpson);
    const order = await medplum.createResource<ServiceRequest>({ resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: `Patient/${patient.id}` } });
    const submit = forMedplum(
      defineEvent({ uri: 'https://example.org/submit', category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '1..1' } }),
    );
    const { payload } = await assemble(submit, `ServiceRequest/${order.id}`, medplumReader(medplum));
    const { graph } = createMessage(submit, payload, { source, base: medplum.fhirUrl().href });
    const sent: Patient | undefined = graph.get(`Patient/${patient.id}`);

    expect(sent).toMatchObject(simpson);
    expect(graph.get(`ServiceRequest/${order.id}`)).toMatchObject({ subject: order.subject });
  });

  it('is read through: one resource, a search, a batch, and nothing that only Medplum has in meta', async () => {
    const medplum = new MockClient();
    const { id } = await medplum.createResource<Patient>({ ...simpson, meta: { tag: [{ code: 'kept' }] } });
    await medplum.repo.withSeeding(() => medplum.repo.updateResource({ ...simpson, id, meta: { project: 'p', tag: [{ code: 'kept' }] } }));
    const reader = medplumReader(medplum);

    const read = await reader.read(`Patient/${id}`, {});
    expect(read).toMatchObject({ ...simpson, id, meta: { tag: [{ code: 'kept' }] } });
    expect(await medplum.repo.readResource('Patient', id)).toHaveProperty('meta.project', 'p');
    expect(read).not.toHaveProperty('meta.project');
    expect(await reader.search?.(`Patient?_id=${id}`, {})).toMatchObject({ type: 'searchset', entry: [{ resource: { id } }] });
    expect(await reader.batch?.({ resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url: `Patient/${id}` } }] }, {})).toMatchObject({
      type: 'batch-response',
      entry: [{ resource: { id } }],
    });
    await expect(reader.read('Patient/nobody', {})).rejects.toMatchObject({ code: 'transport.status', status: 404 });
    await expect(medplum.readResource('Patient', 'nobody')).rejects.toThrow(OperationOutcomeError);
  });
});
