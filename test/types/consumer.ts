// An application that uses everything: it compiles without a cast, and consumer.test.ts counts what that costs the compiler.
import type * as medplum from '@medplum/fhirtypes';
import type * as fhir4 from 'fhir/r4';
import type * as fhir5 from 'fhir/r5';
import {
  addEntry,
  adopt,
  adoptReply,
  assemble,
  bars,
  bytesIn,
  checkMessage,
  createMessage,
  createMessenger,
  createReply,
  defineEvent,
  diffGraphs,
  eventNameOf,
  expectsReply,
  fetchReader,
  graphOf,
  historyOf,
  isError,
  issueTarget,
  isMessagingError,
  isNonEmpty,
  isReply,
  isSameEvent,
  memoryPendingStore,
  messageUrl,
  MessagingError,
  messagesIn,
  missingScopes,
  newFullUrl,
  onAbort,
  parseGraph,
  payloadOf,
  plainId,
  processMessageTransport,
  r4,
  r5,
  readCapabilities,
  readMessage,
  readOperationOutcome,
  readReply,
  removeEntry,
  renameEntry,
  resendOf,
  responseRequestOf,
  retryDelayMs,
  safeReadMessage,
  strategyFor,
  supportFor,
  tell,
  toIssues,
  toMermaid,
  isSameContent,
  keepContent,
  observeAssembly,
  holderOf,
  observeDraft,
  observeReading,
  observeSubmission,
  observeUpdate,
  toOperationOutcome,
  untilAborted,
  updateEntry,
  wantsReply,
} from '@fhir-messaging/core';
import type { BundleGraph, CodedReply, EventContract, IdentityStrategy, Issue, MessageNames, ProgressEvent, Reply, ResourceRecipe } from '@fhir-messaging/core';
import { environments, isAboutItsPatient, messageEvents, netsmart, refersToSubmittedReferral, submitServiceRequest, traits, updateServiceRequest } from '@fhir-messaging/netsmart';

const table = {
  coding: { system: 'https://example.org/events', code: 'notify-admission' },
  category: 'notification',
  focus: ['Encounter'],
  payload: { Encounter: '1..1', Patient: '1..1', Condition: '0..*', Practitioner: '1..*', Observation: '2..5', Coverage: '0..1' },
} as const;

/** An event of one's own. */
export const notifyAdmission: EventContract<typeof table> = defineEvent({
  ...table,
  rules: [isAboutItsPatient, refersToSubmittedReferral, (graph: BundleGraph): Issue[] => graph.unresolved().map(() => ({ severity: 'warning', code: 'not-found', expression: [messageEvents] }))],
});

/** What is given, by its release and its package. */
export interface Given {
  readonly order: fhir4.ServiceRequest;
  readonly patient: fhir4.Patient;
  readonly encounter: fhir4.Encounter;
  readonly practitioners: fhir4.Practitioner[];
  readonly observation: fhir4.Observation;
  readonly r4Bundle: fhir4.Bundle;
  readonly r5Bundle: fhir5.Bundle;
  readonly medplumBundle: medplum.Bundle;
  readonly medplumOrder: medplum.ServiceRequest;
  readonly medplumPatient: medplum.Patient;
}

/** Reads and edits graphs. */
export function readAndEdit({ r4Bundle, r5Bundle, medplumBundle }: Given): string {
  const graph = graphOf(r4Bundle);
  const five = graphOf(r5Bundle);
  const theirs = graphOf(medplumBundle);
  const birthDates = [graph.get('Patient/1')?.birthDate, five.get('Patient/1')?.birthDate, theirs.get('Patient/1')?.birthDate];

  const named = renameEntry(graph, 'Patient/1', newFullUrl(), { report: (issue) => void issue.rule });
  const urgent = updateEntry(named, 'ServiceRequest/1', (order) => {
    order.priority = 'urgent';
  });
  const admit: ResourceRecipe<fhir4.FhirResource, 'Patient/1'> = (patient) => ({ ...patient, active: true, gender: 'unknown' });
  const more = addEntry(updateEntry(urgent, 'Patient/1', admit), { resourceType: 'Coverage', status: 'active', beneficiary: {}, payor: [] });
  const fewer = removeEntry(more, 'ServiceRequest/1');
  const history = historyOf(graph).push(urgent).push(more).undo();
  const changes = diffGraphs(graph, history.present).changed.flatMap(({ patch }) => patch.map(({ path }) => path));
  const found = parseGraph('{}').resolve({ reference: 'Patient/1' }, { from: 'Bundle.entry[0]', mode: 'lenient' });
  const links = [...graph.linksFrom('Patient/1'), ...five.linksTo('Patient/1')].map(({ path }) => path);
  return [...birthDates, ...changes, ...links, found.kind, fewer.size, theirs.closure({ reverse: true }).size, toMermaid(graph)].join();
}

/** Writes, checks and reads messages. */
export function write({ order, patient, encounter, practitioners, observation, medplumOrder, medplumPatient }: Given): readonly Issue[] {
  if (!isNonEmpty(practitioners)) {
    throw new MessagingError('message.invalid', 'Nobody is there.');
  }
  const options = { source: { endpoint: 'https://app.example.org', name: 'App' }, destination: ['https://b.example'], header: { reason: { text: 'new' } }, base: 'https://ehr.example' };
  const submitted = createMessage(submitServiceRequest, { ServiceRequest: { fullUrl: newFullUrl(), resource: order }, Patient: patient, Practitioner: practitioners }, options);
  const notified = createMessage(notifyAdmission, { Encounter: encounter, Patient: patient, Practitioner: practitioners, Observation: [observation, observation] }, options);
  const theirs = createMessage(submitServiceRequest.for<medplum.Resource>(), { ServiceRequest: medplumOrder, Patient: medplumPatient }, { ...options, release: 'R4' });
  const name = payloadOf(submitServiceRequest, submitted.graph).Patient.name?.[0]?.family;
  const codes = [payloadOf(notifyAdmission, notified.graph).Observation[1].status, payloadOf(submitServiceRequest.for<medplum.Resource>(), theirs.graph).ServiceRequest.status, name];

  const read = readMessage(submitted.bytes, { event: submitServiceRequest, limits: { maxEntries: codes.length } });
  const { message, issues } = safeReadMessage(new TextDecoder().decode(bytesIn(read.bytes)), { events: [submitServiceRequest, notifyAdmission] });
  const same = message !== undefined && isSameEvent(eventNameOf(message.graph.header) ?? {}, submitServiceRequest);
  const wanted = wantsReply(responseRequestOf(read), 'ok') && expectsReply(read) && plainId(read.identity.message ?? '') !== '';
  return [...checkMessage(read, { event: submitServiceRequest, mode: 'strict' }), ...issues, ...messagesIn(read.bundle).flatMap((each) => each.issues)].filter((issue) => isError(issue) && issueTarget(issue, read.graph)?.entry.resource && same && wanted);
}

/** Replies, and takes over what a reply says. */
export function reply({ order, patient }: Given): string {
  const request = createMessage(submitServiceRequest, { ServiceRequest: order, Patient: patient }, { source: 'https://app.example.org' });
  const strategies: IdentityStrategy[] = [r4, r5, bars, netsmart];
  const stored = createReply(request, { source: 'https://b.example', focus: [{ ...order, id: '77' }], include: [patient], issues: [{ severity: 'warning', code: 'informational' }] });
  const answers = strategies.map((identity) => readReply(stored.bytes, { request, identity }));
  const { graph, assigned, issues } = adoptReply(request, stored);
  const update = createMessage(updateServiceRequest, adopt(graph, assigned), { source: 'https://app.example.org' });
  return [...answers.map(({ matched }) => matched), isReply(stored), toOperationOutcome(issues).issue.length, update.graph.focus.length].join();
}

/** Sends a message and says what came of it. */
export async function send(given: Given, token: string): Promise<string> {
  const transport = processMessageTransport({ baseUrl: environments.preview.baseUrl, headers: () => ({ authorization: `Bearer ${token}` }), contentType: traits.contentType });
  const messenger = createMessenger({ transport, source: 'https://app.example.org', identity: netsmart, retry: { maxAttempts: 2 }, peer: { reliableCacheMinutes: 5 }, check: () => [] });
  const missing = missingScopes('user/Messaging.write', submitServiceRequest);
  try {
    const message = messenger.create(submitServiceRequest, { ServiceRequest: given.order, Patient: given.patient });
    return told(await messenger.send(message, { onProgress: ({ kind }) => void kind }));
  } catch (error) {
    return isMessagingError(error) ? `${error.code} ${error.delivery ?? ''}` : toIssues(error).map(({ code }) => code).join();
  } finally {
    await messenger.close();
    void missing.length;
  }
}

/** Sends a message whose reply comes later, as the other side's statement says that it can, and takes that reply. */
export async function sendAsynchronously(given: Given, statement: object, replied: object): Promise<string> {
  const { endpoints, peer } = readCapabilities(statement);
  const baseUrl = messageUrl({ baseUrl: endpoints[0] ?? environments.preview.baseUrl, path: '' });
  const pending = memoryPendingStore();
  const messenger = createMessenger({ transport: processMessageTransport({ baseUrl }), source: 'https://app.example.org', peer, pending });
  const sent = await messenger.send(messenger.create(submitServiceRequest, { ServiceRequest: given.order, Patient: given.patient }), { async: true });
  const { kind, reply: later } = await messenger.accept(replied, { sender: baseUrl });
  return [sent.kind, kind, later?.kind, retryDelayMs(1, undefined, {}, Math.random)].join();
}

/** Assembles an order from the record, and sends it where the server takes it. */
export async function assembleAndSend(statement: object, id: string): Promise<string> {
  const { baseUrl } = environments.preview;
  const { supported, reason = '', peer } = supportFor(submitServiceRequest, readCapabilities(statement));
  if (supported === 'no') return reason;
  const { payload, issues } = await assemble(submitServiceRequest, `ServiceRequest/${id}`, { ...fetchReader({ baseUrl }), outside: 'drop', onProgress: ({ left }) => void left });
  const messenger = createMessenger({ transport: processMessageTransport({ baseUrl }), source: 'https://app.example.org', peer });
  const { kind } = await messenger.send(messenger.create(submitServiceRequest, payload, { base: baseUrl }));
  return [kind, payload.Patient.birthDate, issues.length].join();
}

/** A line of a log, for `observe`. */
export function lineOf(event: ProgressEvent, { message, event: name }: MessageNames): string {
  return [message, name?.coding?.code, event.kind, 'code' in event ? event.code : undefined].join();
}

/** What a client answered with, read by an adapter of one's own, for as long as somebody waits. */
export async function adapted(answer: Promise<Response>, signal: AbortSignal): Promise<number> {
  const leave = onAbort(signal, () => tell([console.debug], { kind: 'delivery', attempt: 1, delivery: 'unknown' }));
  const response = await untilAborted(answer, signal).finally(leave);
  return readOperationOutcome(new Uint8Array(await response.arrayBuffer()))?.length ?? 0;
}

/** A screen's state: what is edited, assembled, submitted and updated. */
export async function onScreen(given: Given): Promise<string> {
  const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: environments.preview.baseUrl }), source: 'https://app.example.org' });
  const payload = { ServiceRequest: given.order, Patient: given.patient };
  const submission = observeSubmission(messenger, submitServiceRequest);
  const stop = submission.subscribe(() => void submission.getState().kind);
  await submission.submit(payload);
  const state = submission.getState();
  const update = state.kind === 'done' ? observeUpdate(messenger, updateServiceRequest, state) : undefined;
  const referral = messenger.create(submitServiceRequest, payload);
  const held = holderOf({ count: 0 });
  held.setState({ count: held.getState().count + 1 });
  const draft = observeDraft(referral);
  await messenger.send(resendOf(referral, strategyFor(referral.release).resend.consequence, () => crypto.randomUUID()));
  const reading = observeReading(async ({ signal }) => (await fetch(environments.preview.baseUrl, { signal })).status);
  const assembly = observeAssembly(messenger, submitServiceRequest, 'ServiceRequest/1', fetchReader({ baseUrl: environments.preview.baseUrl }));
  stop();
  return [state.kind, r4 === strategyFor('R4'), update?.getState().kind, draft.getState().issues.length, reading.getState().kind, assembly.getState().kind, isSameContent(payload, keepContent(payload))].join();
}

function echoed({ message, matched }: CodedReply<fhir4.FhirResource, 'ok'>): string {
  return `${message.graph.size} ${matched ?? ''}`;
}

function told(outcome: Reply): string {
  switch (outcome.kind) {
    case 'ok':
      return echoed(outcome);
    case 'transient-error':
    case 'fatal-error':
      return `${outcome.kind} ${outcome.message.graph.all('OperationOutcome').length} ${outcome.matched ?? ''}`;
    case 'refused':
      return `refused ${outcome.http?.status ?? ''}`;
    case 'accepted':
      return outcome.duplicate ? 'already there' : outcome.owesReply ? 'answered later' : 'there';
    case 'processed':
      return 'done';
  }
}
