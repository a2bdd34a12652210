import { createMessenger, processMessageTransport } from '@fhir-messaging/core';
import type { Messenger } from '@fhir-messaging/core';
import { createOutbox } from '@fhir-messaging/outbox';
import type { Outbox } from '@fhir-messaging/outbox';
import { createPostgresTables, postgresOutboxStore } from '@fhir-messaging/storage/postgres';
import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { source } from '../exchange/loopback.ts';
import { account, admission, idOf, messageOf } from '../outbox/outbox-under-test.ts';
import { freshSchema } from './postgres-schema.ts';
import type { PostgresSchema } from './postgres-schema.ts';

const postgres = inject('postgresUrl');

describe.skipIf(postgres === '')('an outbox on PostgreSQL, of messages of one key that are enqueued at once', () => {
  let schema: PostgresSchema;
  let messenger: Messenger;
  let outbox: Outbox<PoolClient>;
  beforeEach(async () => {
    schema = await freshSchema(postgres, { isDurable: true });
    await createPostgresTables(schema.pool);
    messenger = createMessenger({ transport: processMessageTransport({ baseUrl: 'http://127.0.0.1:1/' }), source });
    outbox = createOutbox({ store: postgresOutboxStore<PoolClient>(schema.pool), messenger, account, events: [admission()] });
  });
  afterEach(async () => {
    await outbox.close();
    await schema.drop();
  });

  it('has them in that order, though the pool has a connection for each', async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => schema.pool.connect()));
    clients.forEach((client) => client.release());
    const wanted = Array.from({ length: 20 }, () => [messageOf(), messageOf(), messageOf()]);
    for (const [round, messages] of wanted.entries()) await Promise.all(messages.map((message) => outbox.enqueue(message, { key: `referral ${round}` })));

    expect((await outbox.list()).entries.map(({ id }) => id)).toEqual(wanted.flat().map(idOf));
  });

  it('adds one in a transaction before those that wait for its commit', async () => {
    const [first, beside, second] = [messageOf(), messageOf(), messageOf()];
    const client = await schema.pool.connect();
    await client.query('begin');
    await outbox.enqueue(first, { key: 'k', transaction: client });
    const waits = outbox.enqueue(beside, { key: 'k' });
    await outbox.enqueue(second, { key: 'k', transaction: client });
    await client.query('commit');
    client.release();
    await waits;

    expect((await outbox.list()).entries.map(({ id }) => id)).toEqual([first, second, beside].map(idOf));
  });

  it('takes in within transactions what follows an entry, and the same message again, though these hold all connections', async () => {
    const firsts = [messageOf(), messageOf()];
    for (const first of firsts) await outbox.enqueue(first);
    const pool = new Pool({ connectionString: schema.url, max: firsts.length });
    const busy = createOutbox({ store: postgresOutboxStore<PoolClient>(pool), messenger, account, events: [admission()] });
    await busy.durability;
    const enqueued = await Promise.all(
      firsts.map(async (first) => {
        const client = await pool.connect();
        await client.query('begin');
        const again = await busy.enqueue(first, { transaction: client });
        const next = await busy.enqueue(messageOf(), { after: idOf(first), transaction: client });
        const last = await busy.enqueue(messageOf(), { after: next.id, transaction: client });
        await client.query('commit');
        client.release();
        return [again.id, next.id, last.id];
      }),
    );
    await busy.close();
    await pool.end();

    expect(enqueued.map(([id]) => id)).toEqual(firsts.map(idOf));
    expect((await outbox.list()).entries.map(({ id }) => id).sort()).toEqual(enqueued.flat().sort());
  });
});
