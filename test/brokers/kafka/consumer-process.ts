// A consumer in a process of its own, on PostgreSQL: node consumer-process.ts <brokers> <topic> <connection string>
import { kafkaReceiver } from '@fhir-messaging/brokers/kafka';
import { createReceiver } from '@fhir-messaging/receiver';
import { postgresCache } from '@fhir-messaging/storage/postgres';
import { Consumer, Producer } from '@platformatic/kafka';
import { Pool, type PoolClient } from 'pg';
import { admit } from '../../storage/events.ts';

const [brokers = '', topic = '', connectionString = ''] = process.argv.slice(2);
const bootstrapBrokers = brokers.split(',');
const clientId = `consumer-${process.pid}`;
const pool = new Pool({ connectionString, max: 20 });
const cache = postgresCache<PoolClient>(pool, { leaseMs: 1000 });

const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache, inFlight: { pollMs: 50 } }).on(admit, async ({ payload: { Patient }, transaction }) => {
  const [key, number] = (Patient.id ?? '').split('-');
  await pool.query('insert into started (key, number) values ($1, $2)', [key, number]);
  const client = await transaction();
  await client.query('insert into effect (key, number, process) values ($1, $2, $3)', [key, number, process.pid]);
});
const consumption = kafkaReceiver(receiver, {
  topic,
  producer: new Producer({ clientId, bootstrapBrokers }),
  consumer: (settings) => new Consumer({ ...settings, clientId, groupId: topic, bootstrapBrokers, maxWaitTime: 100, sessionTimeout: 1500, rebalanceTimeout: 3000, heartbeatInterval: 200, timeout: 3000, requestTimeout: 3000 }),
  closeWithinMs: 500,
  onError: (error) => process.send?.({ kind: 'error', text: error instanceof Error ? error.message : 'unknown' }),
});
consumption.ended.catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
await consumption.ready;
process.send?.({ kind: 'ready' });
process.on('disconnect', () => process.exit());
