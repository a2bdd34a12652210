// A receiver on RabbitMQ, in a process of its own: node consumer-process.ts <protocol> <broker> <queue> <database>
import { amqpReceiver } from '@fhir-messaging/brokers/amqp-0-9-1';
import * as amqp1 from '@fhir-messaging/brokers/amqp-1-0';
import { createReceiver } from '@fhir-messaging/receiver';
import { postgresCache } from '@fhir-messaging/storage/postgres';
import { Pool, type PoolClient } from 'pg';
import { admit } from '../storage/events.ts';
import { connect as connect091 } from './rabbitmq-091.ts';
import { connect as connect10 } from './bare-amqp-1-0.ts';

const [, , protocol, broker = '', queue = '', database = ''] = process.argv;
const pool = new Pool({ connectionString: database, max: 20 });
const cache = postgresCache<PoolClient>(pool, { leaseMs: 1000 });

const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache, inFlight: { pollMs: 50 } }).on(admit, async ({ payload: { Patient }, transaction }) => {
  const run = crypto.randomUUID();
  await pool.query('insert into outside (patient, run) values ($1, $2)', [Patient.id, run]);
  const client = await transaction();
  await client.query('insert into effect (patient, run) values ($1, $2)', [Patient.id, run]);
  return { focus: [{ ...Patient, identifier: [{ value: run }] }] };
});

const options = { queue, retryDelaysMs: [10], maxAttempts: 1000, onError: () => undefined };
if (protocol === '0-9-1') {
  amqpReceiver(await connect091(broker), receiver, { ...options, replyTargets: ['fhir.replies.*'] });
} else {
  amqp1.amqpReceiver(await connect10(broker), receiver, { ...options, addressOf: amqp1.rabbit3Address, replyTargets: ['/amq/queue/fhir.replies.*'] });
}
process.on('disconnect', () => process.exit());
process.send?.('receiving');
