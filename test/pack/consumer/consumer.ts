import { type BundleGraph, graphOf, updateEntry } from '@fhir-messaging/core';
import * as brokers from '@fhir-messaging/brokers';
import * as amqp091 from '@fhir-messaging/brokers/amqp-0-9-1';
import * as amqp10 from '@fhir-messaging/brokers/amqp-1-0';
import * as kafka from '@fhir-messaging/brokers/kafka';
import * as messageTopic from '@fhir-messaging/brokers/message-topic';
import * as fhirclient from '@fhir-messaging/fhirclient';
import * as medplum from '@fhir-messaging/medplum';
import * as netsmart from '@fhir-messaging/netsmart';
import * as outbox from '@fhir-messaging/outbox';
import * as reactHooks from '@fhir-messaging/react-hooks';
import * as receiver from '@fhir-messaging/receiver';
import * as receiverOnNode from '@fhir-messaging/receiver/node';
import * as indexeddb from '@fhir-messaging/storage/indexeddb';
import * as postgres from '@fhir-messaging/storage/postgres';
import * as sandbox from '@fhir-messaging/sandbox';
import * as sqlite from '@fhir-messaging/storage/sqlite';
import type { Bundle, Patient } from 'fhir/r4';

declare const bundle: Bundle;

export const graph = graphOf(bundle);
export const patient: Patient | undefined = graph.get('Patient/1');
export const active = updateEntry(graph, 'Patient/1', (draft) => {
  draft.active = true;
});
export const size: number = active.size;
export const packages: readonly object[] = [amqp091, amqp10, brokers, fhirclient, indexeddb, kafka, medplum, messageTopic, netsmart, outbox, reactHooks, receiver, receiverOnNode, postgres, sandbox, sqlite];

// @ts-expect-error what was packed is typed, not any
export const wrong: string = graph.size;

export type Graph = BundleGraph;
