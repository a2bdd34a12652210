// A messenger in a process of its own, to be killed: `node killed-messenger.ts <database> <receiver> <its own address>`.
import { createMessenger, processMessageTransport } from '@fhir-messaging/core';
import { sqlitePendingStore } from '@fhir-messaging/storage/sqlite';
import { admit } from './events.ts';

const [, , file = '', baseUrl = '', source = ''] = process.argv;
const messenger = createMessenger({ transport: processMessageTransport({ baseUrl }), source, destination: baseUrl, pending: sqlitePendingStore(file) });
const message = messenger.create(admit, { Patient: { resourceType: 'Patient', name: [{ family: 'Miller' }] } });
const reply = await messenger.send(message, { async: true });
process.stdout.write(`${reply.kind}\n`);
// It lives on until it is killed.
process.stdin.resume();
