import { createMessenger, processMessageTransport } from '@fhir-messaging/core';
import { createOutbox } from '@fhir-messaging/outbox';
import { createPostgresTables, postgresOutboxStore } from '@fhir-messaging/storage/postgres';
import { readFile } from 'node:fs/promises';
import { Pool, type PoolClient } from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { startServer } from '../exchange/loopback.ts';
import { account, receiverOf, serve } from '../outbox/outbox-under-test.ts';
import { admit } from './events.ts';
import { freshSchema } from './postgres-schema.ts';

const postgres = inject('postgresUrl');

describe.skipIf(postgres === '')("the README's example of an outbox on PostgreSQL", () => {
  it('is the code below, to the letter', async () => {
    const [readme, own] = await Promise.all(['../../packages/storage/README.md', './postgres-outbox-readme.test.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')));
    const example = /\/\/ README-START\n([^]*?)\/\/ README-END/.exec(own ?? '')?.[1] ?? '';

    expect(example).not.toBe('');
    expect(readme).toContain(`\n\n${example}\`\`\``);
  });

  it("commits the message with the application's own row, and sends it", async () => {
    const schema = await freshSchema(postgres, { isDurable: true });
    await schema.pool.query('create table admission (id text not null)');
    const connectionString = schema.url;
    const server = await startServer(serve(receiverOf([])));
    const messenger = createMessenger({ transport: processMessageTransport({ baseUrl: server.url }), source: 'https://app.example.org' });
    const log = (error: Error): never => {
      throw error;
    };
    const patient = { resourceType: 'Patient' as const, id: 'p1' };
// README-START
const pool = new Pool({ connectionString });
pool.on('error', log); // without a listener, an idle connection that the server ends would end this process
await createPostgresTables(pool);
const outbox = createOutbox({ store: postgresOutboxStore<PoolClient>(pool), messenger, account, events: [admit] });
const client = await pool.connect();
await client.query('begin');
await client.query('insert into admission values ($1)', [patient.id]);
await outbox.enqueue(messenger.create(admit, { Patient: patient }), { transaction: client });
await client.query('commit'); // from here on both are on the disk, or neither
client.release();
await outbox.run();
// README-END
    expect((await schema.pool.query('select id from admission')).rows).toEqual([{ id: 'p1' }]);
    expect((await outbox.list()).entries).toMatchObject([{ state: 'replied', sends: 1 }]);
    await outbox.close();
    await pool.end();
    await server.stop();
    await schema.drop();
  });
});
