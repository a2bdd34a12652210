// A receiver in a process of its own, to be killed: `node killed-receiver.ts <database> <reply origin> <where it stops>`.
import { createReceiver, httpHandler, toNodeHandler } from '@fhir-messaging/receiver';
import { publicFetch } from '@fhir-messaging/receiver/node';
import { sqliteCache } from '@fhir-messaging/storage/sqlite';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { admit, leaseMs, source } from './admission.ts';

const [, , file = '', origin = '', stopsIn] = process.argv;
const never = new Promise<undefined>(() => undefined);
const receiver = createReceiver({
  source,
  cache: sqliteCache(file, { leaseMs }),
  replyTo: { origins: () => [origin], fetch: publicFetch({ privateOrigins: [origin] }) },
}).on(admit, ({ payload }) => {
  process.stdout.write('handled\n');
  return stopsIn === 'handler' ? never : { focus: [payload.Patient] };
});
await receiver.resume();
const server = createServer(toNodeHandler(httpHandler(receiver)));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
