// A receiver in a process of its own, on PostgreSQL: node receiver-process.ts <connection string>
import { isMessagingError } from '@fhir-messaging/core';
import { createReceiver, httpHandler, toNodeHandler } from '@fhir-messaging/receiver';
import { postgresCache } from '@fhir-messaging/storage/postgres';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool, type PoolClient } from 'pg';
import { admit } from '../storage/events.ts';

const pool = new Pool({ connectionString: process.argv[2], max: 20 });
const cache = postgresCache<PoolClient>(pool, { leaseMs: 1000 });

/** Resolves when the parent says so. */
const told = (): Promise<void> => new Promise((resolve) => void process.once('message', () => resolve()));

const onError = (error: unknown): void => void (isMessagingError(error) && process.send?.({ kind: error.code }));

const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache, onError, inFlight: { pollMs: 50 } }).on(admit, async ({ payload: { Patient }, transaction }) => {
  const run = crypto.randomUUID();
  await pool.query('insert into outside (patient, run) values ($1, $2)', [Patient.id, run]);
  if (Patient.id === 'paused') {
    const goOn = told();
    process.send?.({ kind: 'running' });
    await goOn;
  }
  const client = await transaction();
  await client.query('insert into effect (patient, run) values ($1, $2)', [Patient.id, run]);
  return { focus: [{ ...Patient, identifier: [{ value: run }] }] };
});

const authenticate = (request: Request): string | undefined => request.headers.get('authorization') ?? undefined;
const server = createServer(toNodeHandler(httpHandler(receiver, { authenticate }))).listen(0, '127.0.0.1', () => {
  process.send?.({ kind: 'listening', port: (server.address() as AddressInfo).port });
});
process.on('disconnect', () => process.exit());
