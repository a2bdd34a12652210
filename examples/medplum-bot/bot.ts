import type { MessageIdentity } from '@fhir-messaging/core';
import { forMedplum, medplumBot } from '@fhir-messaging/medplum';
import type { MedplumBotContext } from '@fhir-messaging/medplum';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import { createReceiver } from '@fhir-messaging/receiver';
import type { MedplumClient } from '@medplum/core';
import { takeSubmission, takeUpdate } from './take-referral.ts';

/** Takes referrals into Medplum: what a message carries becomes resources, and a Task tells the staff of it. */
export const handler = medplumBot(
  createReceiver<MedplumBotContext<MedplumClient>>({ source: 'https://harbor.example.org/fhir', identity: netsmart })
    .on(forMedplum(submitServiceRequest), ({ message, graph, context: { medplum } }) => takeSubmission({ medplum, graph, messageId: idOf(message) }))
    .on(forMedplum(updateServiceRequest), ({ message, graph, context: { medplum } }) => takeUpdate({ medplum, graph, messageId: idOf(message) })),
);

/** What names a message in Netsmart's way: `Bundle.id` first, since the header's may be the same in every update. */
function idOf({ identity: { ids } }: { readonly identity: MessageIdentity }): string {
  return netsmart.message.flatMap((source) => ids.find((id) => id.source === source)?.value ?? []).at(0) ?? '';
}
