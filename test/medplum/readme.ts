import { createMessenger, defineEvent, processMessageTransport } from '@fhir-messaging/core';
import type { Reply } from '@fhir-messaging/core';
import { forMedplum, medplumBot, medplumTransport } from '@fhir-messaging/medplum';
import type { MedplumBotContext } from '@fhir-messaging/medplum';
import { createReceiver } from '@fhir-messaging/receiver';
import type { BotEvent, MedplumClient } from '@medplum/core';
import type { Patient, Resource } from '@medplum/fhirtypes';

const admit = forMedplum(defineEvent({ uri: 'https://example.org/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } }));

/** The README's first example. */
export async function send(medplum: MedplumClient, id: string, path?: string): Promise<Reply<Resource>> {
  if (path !== undefined) return await sendTo(medplum, id, path);
  const messenger = createMessenger({ transport: medplumTransport(medplum), source: 'https://app.example.org' });
  const reply = await messenger.send(messenger.create(admit, { Patient: await medplum.readResource('Patient', id) }));
  if (reply.kind === 'ok') await Promise.all(reply.message.graph.all('Patient').map((patient) => medplum.updateResource(patient)));
  return reply;
}

async function sendTo(medplum: MedplumClient, id: string, path: string): Promise<Reply<Resource>> {
  const messenger = createMessenger({ transport: medplumTransport(medplum, { path }), source: 'https://app.example.org' });
  return await messenger.send(messenger.create(admit, { Patient: await medplum.readResource('Patient', id) }));
}

const recordOf = ({ identifier }: Patient): string => `${identifier?.[0]?.system ?? ''}|${identifier?.[0]?.value ?? ''}`;

// A bot that receives
export const handler = medplumBot(
  createReceiver<MedplumBotContext<MedplumClient>>({ source: 'https://ward.example.org' })
    .on(admit, async ({ payload, context }) => ({ focus: [await context.medplum.createResourceIfNoneExist(payload.Patient, `identifier=${recordOf(payload.Patient)}`)] })),
);

// A bot that sends
export async function sendAdmission(_: MedplumClient, { input, secrets }: BotEvent<Patient>): Promise<string> {
  const secret = (name: string): string => secrets[name]?.valueString ?? '';
  const transport = processMessageTransport({ baseUrl: secret('PARTNER_URL'), headers: { authorization: `Bearer ${secret('PARTNER_TOKEN')}` } });
  const messenger = createMessenger({ transport, source: 'https://ward.example.org', retry: { maxTotalMs: 8000 } });
  return (await messenger.send(messenger.create(admit, { Patient: input }))).kind;
}
