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
    .on(forMedplum(submitServiceRequest), ({ message, graph, sender, context: { medplum } }) => takeSubmission({ medplum, graph, messageId: idOf(message, sender) }))
    .on(forMedplum(updateServiceRequest), ({ message, graph, sender, context: { medplum } }) => takeUpdate({ medplum, graph, messageId: idOf(message, sender) })),
);

/** What names a message: its sender, since another may number its messages alike, and in Netsmart's way `Bundle.id` first, since the header's may be the same in every update. */
function idOf({ identity: { ids } }: { readonly identity: MessageIdentity }, sender = ''): string {
  const id = netsmart.message.flatMap((source) => ids.find((each) => each.source === source)?.value ?? []).at(0) ?? '';
  // It is searched for, and there these have a meaning; Medplum knows a bar for one even where it is escaped.
  return `${sender}/${id.replaceAll(/[%\\,|$]/g, encodeURIComponent)}`;
}
