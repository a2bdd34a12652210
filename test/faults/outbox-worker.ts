// A worker of an outbox on PostgreSQL, which sends what is due until it is killed or its parent ends: node outbox-worker.ts <connection string> <receiver>
import { createMessenger, processMessageTransport } from '@fhir-messaging/core';
import { createOutbox } from '@fhir-messaging/outbox';
import { postgresOutboxStore } from '@fhir-messaging/storage/postgres';
import { setTimeout } from 'node:timers/promises';
import { Pool } from 'pg';
import { admit } from '../storage/events.ts';
import { wardAccount } from './ward-account.ts';

const [, , connectionString = '', baseUrl = ''] = process.argv;
const peer = { reliableCacheMinutes: 60 };
const outbox = createOutbox({
  store: postgresOutboxStore(new Pool({ connectionString, max: 4 })),
  messenger: createMessenger({ transport: processMessageTransport({ baseUrl }), peer }),
  account: wardAccount,
  events: [admit],
  peer,
  leaseMs: 1000,
  atLeast: 'ephemeral',
});
process.on('disconnect', () => process.exit());
process.send?.({ kind: 'listening' });
while (process.connected) {
  await outbox.run();
  await setTimeout(20);
}
