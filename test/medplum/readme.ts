import { assemble, createMessenger, defineEvent, processMessageTransport } from '@fhir-messaging/core';
import type { Reply } from '@fhir-messaging/core';
import { forMedplum, medplumBot, medplumReader, medplumTransport } from '@fhir-messaging/medplum';
import type { MedplumBotContext } from '@fhir-messaging/medplum';
import { createReceiver } from '@fhir-messaging/receiver';
import type { BotEvent, MedplumClient, WithId } from '@medplum/core';
import type { Identifier, Patient, Resource } from '@medplum/fhirtypes';

const admit = forMedplum(defineEvent({ uri: 'https://example.org/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } }));

const shown: Patient[] = [];
const show = (patients: readonly Patient[]): unknown => shown.push(...patients);

/** The README's first example. */
export async function send(medplum: MedplumClient, id: string, path?: string): Promise<Reply<Resource>> {
  if (path !== undefined) return await sendTo(medplum, id, path);
  const messenger = createMessenger({ transport: medplumTransport(medplum), source: 'https://app.example.org' });
  const { payload } = await assemble(admit, `Patient/${id}`, medplumReader(medplum));
  const reply = await messenger.send(messenger.create(admit, payload, { base: medplum.fhirUrl().href }));
  if (reply.kind === 'ok') show(reply.message.graph.all('Patient')); // readonly Patient[] of @medplum/fhirtypes
  return reply;
}

async function sendTo(medplum: MedplumClient, id: string, path: string): Promise<Reply<Resource>> {
  const messenger = createMessenger({ transport: medplumTransport(medplum, { path }), source: 'https://app.example.org' });
  const { payload } = await assemble(admit, `Patient/${id}`, medplumReader(medplum));
  return await messenger.send(messenger.create(admit, payload, { base: medplum.fhirUrl().href }));
}

const recordOf = ([identifier]: readonly Identifier[]): string => `${identifier?.system ?? ''}|${identifier?.value ?? ''}`;

// A bot that receives
export const handler = medplumBot(
  createReceiver<MedplumBotContext<MedplumClient>>({ source: 'https://ward.example.org' })
    .on(admit, async ({ payload: { Patient: { identifier = [] } }, context }) => {
      const { id } = await context.medplum.createResourceIfNoneExist<Patient>({ resourceType: 'Patient', identifier }, `identifier=${recordOf(identifier)}`);
      return { focus: [{ resourceType: 'Patient', id }] };
    }),
);

// A bot that sends
export async function sendAdmission(medplum: MedplumClient, { input, secrets }: BotEvent<WithId<Patient>>): Promise<string> {
  const secret = (name: string): string => secrets[name]?.valueString ?? '';
  const transport = processMessageTransport({ baseUrl: secret('PARTNER_URL'), headers: { authorization: `Bearer ${secret('PARTNER_TOKEN')}` } });
  const messenger = createMessenger({ transport, source: 'https://ward.example.org', retry: { maxTotalMs: 8000 } });
  const { payload } = await assemble(admit, `Patient/${input.id}`, medplumReader(medplum));
  return (await messenger.send(messenger.create(admit, payload, { base: medplum.fhirUrl().href }))).kind;
}
