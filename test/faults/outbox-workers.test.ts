import { createMessage, createMessenger } from '@fhir-messaging/core';
import { createOutbox } from '@fhir-messaging/outbox';
import { createReceiver, httpHandler, memoryCache, toNodeHandler } from '@fhir-messaging/receiver';
import { createPostgresTables, postgresOutboxStore } from '@fhir-messaging/storage/postgres';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { admit } from '../storage/events.ts';
import { freshSchema } from '../storage/postgres-schema.ts';
import type { PostgresSchema } from '../storage/postgres-schema.ts';
import { record, total } from './results.ts';
import { wardAccount } from './ward-account.ts';

const postgres = inject('postgresUrl');
const messages = total * 2;
const keys = 200;
const kills = 12;

describe.skipIf(postgres === '')('an outbox on PostgreSQL that four workers send', () => {
  const effects: string[] = [];
  let schema: PostgresSchema;
  let server: Server;
  let workers: ChildProcess[] = [];
  let heard: (() => void) | undefined;

  beforeAll(async () => {
    schema = await freshSchema(postgres, { isDurable: true });
    await createPostgresTables(schema.pool);
    const receiver = createReceiver({ source: 'https://ward.example.org/fhir', cache: memoryCache({ maxEntries: messages }) }).on(admit, ({ payload: { Patient } }) => {
      effects.push(Patient.id ?? '');
      heard?.();
      return { focus: [Patient] };
    });
    server = createServer(toNodeHandler(httpHandler(receiver))).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    await Promise.all(workers.map(end));
    server.closeAllConnections();
    server.close();
    await schema.drop();
  });

  const start = (): ChildProcess => {
    const path = fileURLToPath(new URL('outbox-worker.ts', import.meta.url));
    return fork(path, [schema.url, `http://127.0.0.1:${(server.address() as AddressInfo).port}`], { execArgv: ['--conditions=@fhir-messaging/source', '--disable-warning=ExperimentalWarning'] });
  };
  const end = async (worker: ChildProcess): Promise<void> => {
    const exited = worker.exitCode === null && worker.signalCode === null ? once(worker, 'exit') : undefined;
    worker.kill('SIGKILL');
    await exited;
  };
  const effectsReach = (count: number): Promise<void> =>
    new Promise((resolve) => {
      heard = () => {
        if (effects.length >= count) resolve();
      };
      heard();
    });
  const states = async (): Promise<Record<string, number>> => {
    const { rows } = await schema.pool.query<{ state: string; count: number }>("select facts ->> 'state' as state, count(*)::int as count from fhir_outbox group by 1");
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  };

  it(`sends messages of ${keys} keys, workers killed on the way: one recorded outcome each, in order per key`, async () => {
    const pool = new Pool({ connectionString: schema.url, max: 16 });
    const outbox = createOutbox({ store: postgresOutboxStore(pool), messenger: createMessenger({ transport: () => Promise.reject(new Error('it only enqueues')) }), account: wardAccount, events: [admit], atLeast: 'ephemeral' });
    const enqueue = async (key: number): Promise<void> => {
      for (let number = 0; number < messages / keys; number += 1) {
        const id = `k${key}.${String(number).padStart(4, '0')}`;
        await outbox.enqueue(createMessage(admit, { Patient: { resourceType: 'Patient', id } }, { source: 'https://app.example.org' }), { key: `k${key}` });
      }
    };
    const beganAtMs = performance.now();
    await Promise.all(Array.from({ length: keys }, (_, key) => enqueue(key)));
    const queuedAtMs = performance.now();

    workers = Array.from({ length: 4 }, start);
    for (let killed = 0; killed < kills; killed += 1) {
      await effectsReach(((killed + 0.5) * messages) / kills);
      await end(workers.shift()!);
      workers.push(start());
    }
    await effectsReach(messages);
    await expect.poll(states, { timeout: 60_000, interval: 250 }).toEqual({ replied: messages });
    const sentAtMs = performance.now();
    await pool.end();

    expect(new Set(effects).size).toBe(messages);
    expect(effects).toHaveLength(messages);
    const placeOf = new Map(effects.map((id, place) => [id, place]));
    const inOrder = (key: number): boolean =>
      Array.from({ length: messages / keys }, (_, number) => placeOf.get(`k${key}.${String(number).padStart(4, '0')}`) ?? -1).every((place, number, places) => place > (places[number - 1] ?? -1));
    expect(Array.from({ length: keys }, (_, key) => key).filter((key) => !inOrder(key))).toEqual([]);
    const { rows } = await schema.pool.query<{ again: number }>('select count(*)::int as again from fhir_outbox where fence > 2');
    record('outbox.workers', { messages, keys, workers: 4, killed: kills, outcomes: effects.length, claimedMoreThanOnce: rows[0]?.again, enqueuedInMs: Math.round(queuedAtMs - beganAtMs), sentInMs: Math.round(sentAtMs - queuedAtMs) });
  }, 3_600_000);
});
