import type { Patient, ServiceRequest } from 'fhir/r4';
// The README's first example, to the letter: readme.test.ts holds the two together and runs it.
import { adopt, adoptReply, createMessenger, processMessageTransport, updateEntry } from '@fhir-messaging/core';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';

export async function run(baseUrl: string, order: ServiceRequest, patient: Patient): Promise<void> {
  const transport = processMessageTransport({ baseUrl });
  const messenger = createMessenger({ transport, source: 'https://app.example.org', identity: netsmart });
  const referral = messenger.create(submitServiceRequest, { ServiceRequest: order, Patient: patient });
  const reply = await messenger.send(referral);
  if (reply.kind === 'ok') {
    const graph = adopt(referral.graph, adoptReply(referral, reply.message).assigned); // under the ids that the server assigned; throws where the focus got none
    const id = graph.all('ServiceRequest')[0]?.id;
    const urgent = updateEntry(graph, `ServiceRequest/${id}`, (draft) => { draft.priority = 'urgent'; });
    await messenger.send(messenger.create(updateServiceRequest, urgent));
  }
}
