import type { BundleGraph, IssueCode, ReplyContent } from '@fhir-messaging/core';
import type { Reference, Resource, ServiceRequest } from '@medplum/fhirtypes';
import { mayReplace } from './may-replace.ts';
import { isOfMessage, messageIds } from './meta.ts';
import { searchValue } from './search-value.ts';
import { storeGraph } from './store-graph.ts';
import type { Received, Stored, Storing } from './store-graph.ts';

/** A new referral; the same order in another message is refused, since its sender may mean another referral. */
export async function takeSubmission(received: Received): Promise<ReplyContent> {
  const { medplum, graph } = received;
  const [order] = entriesOf(graph, 'ServiceRequest');
  if (namedHere(received).length > 0 || refersHere(received)) {
    return refusal('business-rule', 'A submission names its resources, and what they refer to, by URLs of their own server.');
  }
  const known = await medplum.searchOne('ServiceRequest', { _source: searchValue(order?.key ?? '') });
  if (known && !isOfMessage(known, received.messageId)) {
    return refusal('duplicate', 'A referral of that ServiceRequest is here already: update it.');
  }
  return reply(await storeGraph({ ...received, isRepeat: await isDone(received) }), received, 'New referral');
}

/** A change of a referral that is here, under the URL that the reply to its submission gave. */
export async function takeUpdate(received: Received): Promise<ReplyContent> {
  const { medplum, graph } = received;
  const base = medplum.fhirUrl().href;
  const [order] = entriesOf(graph, 'ServiceRequest');
  const [patient] = entriesOf(graph, 'Patient');
  const id = order?.key.startsWith(`${base}ServiceRequest/`) ? order.key.slice(`${base}ServiceRequest/`.length) : '';
  const known = id === '' ? undefined : await medplum.searchOne('ServiceRequest', { _id: searchValue(id) });
  if (known === undefined) {
    return refusal('not-found', 'No referral of that ServiceRequest was submitted.');
  }
  if (patient?.key !== `${base}${known.subject.reference ?? ''}`) {
    return refusal('business-rule', 'The referral is about another patient.');
  }
  const allowed = await Promise.all(namedHere(received).map((reference) => mayReplace(medplum, reference, known.subject.reference ?? '')));
  if (allowed.includes(false)) {
    return refusal('business-rule', 'An update replaces what came by a message and is about its own patient, and nothing else.');
  }
  return reply(await storeGraph({ ...received, isRepeat: await isDone(received) }), received, 'Referral changed');
}

/** What is echoed: every resource, under the URL that it has here. The Task comes last: once it is there, all else is. */
async function reply(storing: Storing, { medplum, messageId }: Received, text: string): Promise<ReplyContent> {
  if ('issues' in storing) {
    return { code: 'fatal-error', issues: storing.issues };
  }
  const { stored } = storing;
  await medplum.createResourceIfNoneExist(
    {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      code: { text },
      identifier: [{ system: messageIds, value: messageId }],
      focus: referenceTo<ServiceRequest>(stored, 'ServiceRequest'),
      for: referenceTo(stored, 'Patient'),
    },
    `identifier=${encodeURIComponent(`${messageIds}|${messageId}`)}`,
  );
  const isFocus = ({ resource }: Stored): boolean => ['ServiceRequest', 'QuestionnaireResponse'].includes(resource.resourceType);
  return { focus: stored.filter(isFocus), include: stored.filter((entry) => !isFocus(entry)) };
}

/** Whether all that a message says was done: of what comes again nothing is stored, since newer ones may have come meanwhile. */
async function isDone({ medplum, messageId }: Received): Promise<boolean> {
  return (await medplum.searchOne('Task', { identifier: `${messageIds}|${messageId}` })) !== undefined;
}

function referenceTo<TResource extends Resource>(stored: readonly Stored[], type: TResource['resourceType']): Reference<TResource> {
  const resource = stored.find((entry) => entry.resource.resourceType === type)?.resource;
  return { reference: `${type}/${resource?.id ?? ''}` };
}

/** What a message names by URLs of this server, as relative references. */
function namedHere({ medplum, graph }: Received): readonly string[] {
  const base = medplum.fhirUrl().href;
  return graph.entries.slice(1).flatMap(({ key }) => (key.startsWith(base) ? key.slice(base.length) : []));
}

/** Whether a resource refers to one of this server, by its URL, that the message does not carry. */
function refersHere({ medplum, graph }: Received): boolean {
  const base = medplum.fhirUrl().href;
  return graph.unresolved().some(({ from, reference = '' }) => from !== graph.entries[0]?.key && reference.startsWith(base));
}

function entriesOf(graph: BundleGraph<Resource>, type: Resource['resourceType']): readonly { readonly key: string }[] {
  return graph.entries.filter(({ resource }) => resource?.resourceType === type);
}

function refusal(code: IssueCode, diagnostics: string): ReplyContent {
  return { code: 'fatal-error', issues: [{ severity: 'error', code, diagnostics }] };
}
