// The examples of core's README, to the letter: core-readme.test.ts holds the two together and runs them.
import { assemble, checkMessage, createMessage, createMessenger, defineEvent, fetchReader, graphOf, processMessageTransport, updateEntry } from '@fhir-messaging/core';
import type { AcceptResult, BundleGraph, Issue, Message, Transport, UnresolvedReference } from '@fhir-messaging/core';
import { netsmart, submitServiceRequest } from '@fhir-messaging/netsmart';
import type { Bundle, Encounter, Patient } from 'fhir/r4';

const source = 'https://app.example.org';

interface Edited {
  readonly graph: BundleGraph;
  readonly status: string | undefined;
  readonly unresolved: readonly UnresolvedReference[];
  readonly urgent: BundleGraph;
  readonly isShared: boolean;
  readonly issues: readonly Issue[];
}

export function editGraph(bundle: Bundle): Edited {
  const graph = graphOf(bundle); // borrowed: never changed, never frozen
  const status = graph.get('ServiceRequest/123456')?.status; // typed: ServiceRequest | undefined
  const unresolved = graph.unresolved(); // every reference that leads to nothing in the bundle
  const urgent = updateEntry(graph, 'ServiceRequest/123456', (order) => { order.priority = 'urgent'; });
  const isShared = urgent.all('Patient')[0] === graph.all('Patient')[0]; // true: what an edit did not touch is the same object
  const issues = checkMessage(urgent); // each with rule, FHIRPath and a sentence
  return { graph, status, unresolved, urgent, isShared, issues };
}

const notifyAdmission = defineEvent({
  coding: { system: 'https://example.org/events', code: 'notify-admission' },
  category: 'notification',
  focus: ['Encounter'],
  payload: { Encounter: '1..1', Patient: '1..1', Condition: '0..*' },
});

export function notify(encounter: Encounter, patient: Patient): Message<typeof notifyAdmission> {
  const admission = createMessage(notifyAdmission, { Encounter: encounter, Patient: patient }, { source: 'https://app.example.org' }); // without a Patient: a type error
  return admission;
}

export async function assembleOrder(baseUrl: string): Promise<{ readonly message: Message; readonly issues: readonly Issue[] }> {
  const headers = {};
  const messenger = createMessenger({ transport: processMessageTransport({ baseUrl }), source, identity: netsmart });
  const { payload, issues } = await assemble(submitServiceRequest, 'ServiceRequest/123', fetchReader({ baseUrl, headers }));
  const message = messenger.create(submitServiceRequest, payload, { base: baseUrl }); // `issues`: what could not be read, and is not in it
  return { message, issues };
}

/** @param replyTo - writes the reply that comes by itself. */
export async function acceptLater(baseUrl: string, replyTo: (message: Message) => Uint8Array): Promise<readonly AcceptResult['kind'][]> {
  const messenger = createMessenger({ transport: processMessageTransport({ baseUrl }), source });
  const message = messenger.create(notifyAdmission, { Encounter: { resourceType: 'Encounter', status: 'planned', class: {} }, Patient: { resourceType: 'Patient' } });
  const sender = undefined;
  const body = replyTo(message);
  const reply = await messenger.send(message, { async: true, responseUrl: 'https://app.example.org/replies' }); // accepted
  const result = await messenger.accept(body, { sender }); // settled, late, repeated, refused or unknown; the reply is there in each case
  if (reply.kind === 'accepted') await reply.later; // the same reply, where somebody waits for it in this process
  return [result.kind, (await messenger.accept(body)).kind];
}

/** @param url - what is posted to. */
export function transportOf(url: string, fetchToken: () => Promise<string>): Transport {
  const transport: Transport = async ({ bytes, onLeaving, signal }) => {
    const token = await fetchToken();
    onLeaving?.();
    signal.throwIfAborted();
    const response = await fetch(url, { method: 'POST', body: bytes, signal, headers: { authorization: `Bearer ${token}` } });
    return { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) };
  };
  return transport;
}
