// What somebody who imports finds.
import * as brokers from '@fhir-messaging/brokers';
import * as amqp091 from '@fhir-messaging/brokers/amqp-0-9-1';
import * as amqp10 from '@fhir-messaging/brokers/amqp-1-0';
import * as kafka from '@fhir-messaging/brokers/kafka';
import * as messageTopic from '@fhir-messaging/brokers/message-topic';
import * as core from '@fhir-messaging/core';
import * as fhirclient from '@fhir-messaging/fhirclient';
import * as medplum from '@fhir-messaging/medplum';
import * as netsmart from '@fhir-messaging/netsmart';
import * as outbox from '@fhir-messaging/outbox';
import * as reactHooks from '@fhir-messaging/react-hooks';
import * as receiver from '@fhir-messaging/receiver';
import * as receiverOnNode from '@fhir-messaging/receiver/node';
import * as indexeddb from '@fhir-messaging/storage/indexeddb';
import * as postgres from '@fhir-messaging/storage/postgres';
import * as sqlite from '@fhir-messaging/storage/sqlite';
import * as sandbox from '@fhir-messaging/sandbox';
import { use } from './use.cjs';

use('ESM', { amqp091, amqp10, brokers, core, fhirclient, indexeddb, kafka, medplum, messageTopic, netsmart, outbox, reactHooks, receiver, receiverOnNode, postgres, sandbox, sqlite });
