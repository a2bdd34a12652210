// A referral through a broker, and its reply: node round-trip.ts <broker's URL>
import { createMessenger } from '@fhir-messaging/core';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { brokerAt } from './broker-at.ts';
import { referral } from './referral.ts';

const [, , url] = process.argv;
if (url === undefined) {
  console.error('Say where the broker is: kafka://localhost:9092, or amqp://guest:guest@localhost:5672');
  process.exit(2);
}

const broker = brokerAt(url);
await broker.prepare();
const manager = fork(fileURLToPath(new URL('referral-manager.ts', import.meta.url)), [url], { execArgv: process.execArgv });
await once(manager, 'message');

const transport = await broker.send();
const messenger = createMessenger({ transport, source: 'https://app.example.org', destination: 'https://manager.example.org' });
const patient = { fullUrl: 'https://ehr.example.org/fhir/Patient/p1', resource: { resourceType: 'Patient', id: 'p1' } } as const;
for (const id of ['s1', 's2', 's3']) {
  const order = { resourceType: 'ServiceRequest', id, status: 'draft', intent: 'order', subject: { reference: patient.fullUrl } } as const;
  const reply = await messenger.send(messenger.create(referral, { ServiceRequest: order, Patient: patient }));
  const number = reply.kind === 'ok' ? reply.message.graph.all('ServiceRequest')[0]?.identifier?.[0]?.value : undefined;
  console.log(`app: ${id} was answered ${reply.kind}, as ${number}`);
}

await messenger.close();
await transport.close();
await broker.close();
manager.disconnect();
await once(manager, 'exit');
