import { adoptReply, createMessenger, updateEntry } from '@fhir-messaging/core';
import type { BundleGraph } from '@fhir-messaging/core';
import { forMedplum, medplumTransport } from '@fhir-messaging/medplum';
import { netsmart, submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';
import type { Resource } from '@medplum/fhirtypes';
import { fileURLToPath } from 'node:url';
import { buildBot } from './build.ts';
import { mockMedplum } from './medplum.ts';
import { referral } from './sample.ts';
import { messageIds } from './meta.ts';

// Builds the bot, and sends it a referral, the same again, and an update; then says what Medplum holds.
const file = fileURLToPath(new URL('./dist/bot.js', import.meta.url));
await buildBot(file);
console.log('The bot is built: dist/bot.js\n');

const medplum = await mockMedplum(file);
const base = 'https://clinic.example.org/fhir';
const messenger = createMessenger({ transport: medplumTransport(medplum, { path: '$receive-referral' }), source: base, identity: netsmart });

const submission = messenger.create(forMedplum(submitServiceRequest), referral, { base });
const reply = await messenger.send(submission);
if (reply.kind !== 'ok') throw new Error(`The submission was answered ${reply.kind}.`);
const { graph } = adoptReply(submission, reply.message);
console.log(`Submitted: ${reply.kind}. Medplum names what it holds:`);
for (const { key } of graph.entries.slice(1)) console.log(`  ${key}`);

console.log(`The same message again, to a bot that remembers nothing: ${(await messenger.send(submission)).kind}`);
console.log(`An update, urgent now: ${(await messenger.send(messenger.create(forMedplum(updateServiceRequest), urgent(graph)))).kind}\n`);

console.log('Medplum holds');
for (const type of ['Patient', 'Practitioner', 'ServiceRequest', 'QuestionnaireResponse', 'Task'] as const) {
  const held = (await medplum.searchResources(type, { _count: '100' })).filter((resource) => JSON.stringify(resource).includes(messageIds));
  console.log(`  ${held.length} ${type}`);
}
const [order] = await medplum.searchResources('ServiceRequest', { _source: `${base}/ServiceRequest/${referral.ServiceRequest.id ?? ''}` });
console.log(`The ServiceRequest is ${order?.priority ?? ''}, in ${(await medplum.readHistory('ServiceRequest', order?.id ?? '')).entry?.length ?? 0} versions.`);
await messenger.close();

function urgent(before: BundleGraph<Resource>): BundleGraph<Resource> {
  const order = before.entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest')?.key ?? '';
  return updateEntry(before, order, (draft) => {
    if (draft.resourceType === 'ServiceRequest') draft.priority = 'urgent';
  });
}
