import type { OutboxChange } from '@fhir-messaging/core';
import { createPostgresTables, postgresOutboxStore } from '@fhir-messaging/storage/postgres';
import { inspect } from 'node:util';
import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { entryOf, facts, outboxStoreContract } from '../outbox/outbox-store-contract.ts';
import { outboxAtRest } from './outbox-at-rest.ts';
import { freshSchema } from './postgres-schema.ts';
import type { PostgresSchema } from './postgres-schema.ts';

const server = inject('postgresUrl');
const done: OutboxChange = { facts: { ...facts, state: 'replied' }, isFinished: true, dueInMs: undefined };
const claiming = { account: entryOf('').account, limit: 10, leaseMs: 30_000 };

describe.skipIf(server === '')('on PostgreSQL', () => {
  outboxStoreContract('postgresOutboxStore, two of them', async () => {
    const schema = await freshSchema(server);
    await createPostgresTables(schema.pool);
    const other = new Pool({ connectionString: schema.url });
    return {
      store: postgresOutboxStore(schema.pool),
      elsewhere: postgresOutboxStore(other),
      /** Time passes by moving what is kept into the past: the clock is the database's. */
      pass: async (ms) => {
        const by = `interval '${ms} milliseconds'`;
        await schema.pool.query(`update fhir_outbox set due_at = due_at - ${by}, leased_until = leased_until - ${by}`);
      },
      corrupt: async (id) => {
        await schema.pool.query(`update fhir_outbox set facts = '{"state":"unheard of"}' where id = $1`, [id]);
      },
      stop: async () => {
        await other.end();
        await schema.drop();
      },
    };
  });

  outboxAtRest('PostgreSQL', async () => {
    const schema = await freshSchema(server);
    await createPostgresTables(schema.pool);
    return {
      store: postgresOutboxStore(schema.pool),
      // The files of the table and of what is too long for it, and the log that is written now.
      isOnDisk: async (text) => {
        await schema.pool.query('checkpoint');
        const files = `select pg_relation_filepath(oid) from pg_class where oid = 'fhir_outbox'::regclass or oid = (select reltoastrelid from pg_class where oid = 'fhir_outbox'::regclass)
          union all select 'pg_wal/' || pg_walfile_name(pg_current_wal_lsn())`;
        const { rows } = await schema.pool.query<{ is_there: boolean }>(`select bool_or(position($1::bytea in pg_read_binary_file(path)) > 0) as is_there from (${files}) as file (path)`, [Buffer.from(text)]);
        return rows[0]!.is_there;
      },
      corrupt: async (id) => {
        await schema.pool.query("update fhir_outbox set facts = '{}' where id = $1", [id]);
      },
      makeDue: async () => {
        await schema.pool.query('update fhir_outbox set due_at = clock_timestamp() where due_at is not null');
      },
      stop: () => schema.drop(),
    };
  });

  describe('postgresOutboxStore', () => {
    let schema: PostgresSchema;
    const pools: Pool[] = [];
    const poolTo = (url: string, max = 10): Pool => {
      const pool = new Pool({ connectionString: url, max });
      pools.push(pool);
      return pool;
    };
    beforeEach(async () => {
      schema = await freshSchema(server, { isDurable: true });
      await createPostgresTables(schema.pool);
    });
    afterEach(async () => {
      await Promise.all(pools.splice(0).map((pool) => pool.end()));
      await schema.drop();
    });

    it('is durable where the server syncs what is committed, and ephemeral where that is put off', async () => {
      expect(await postgresOutboxStore(schema.pool).durability()).toBe('durable');
      const late = poolTo(schema.url.replace('synchronous_commit%3Don', 'synchronous_commit%3Doff'));
      expect(await postgresOutboxStore(late).durability()).toBe('ephemeral');
    });

    describe("an entry that is added in the application's own transaction", () => {
      it('is there, and claimed, when that commits, with what else is in it; on a pool of one connection too', async () => {
        await schema.pool.query('create table referral (id text not null)');
        const pool = poolTo(schema.url, 1);
        const store = postgresOutboxStore<PoolClient>(pool);
        const client = await pool.connect();
        await client.query('begin');
        await client.query("insert into referral values ('r')");
        expect(await store.add(entryOf('m'), client)).toMatchObject({ id: 'm' });
        const elsewhere = postgresOutboxStore(schema.pool);
        expect(await elsewhere.claim(claiming)).toEqual([]);

        await client.query('commit');
        client.release();
        expect((await elsewhere.claim(claiming)).map(({ id }) => id)).toEqual(['m']);
        expect((await schema.pool.query('select id from referral')).rows).toEqual([{ id: 'r' }]);
      });

      it('fails alone where that is aborted, though it is the first to use the store', async () => {
        const store = postgresOutboxStore<PoolClient>(schema.pool);
        const [aborted, sound] = await Promise.all([schema.pool.connect(), schema.pool.connect()]);
        for (const client of [aborted, sound]) await client.query('begin');
        await expect(aborted.query('select 1/0')).rejects.toThrow();
        const added = await Promise.allSettled([store.add(entryOf('a'), aborted), store.add(entryOf('s'), sound), store.list()]);
        await aborted.query('rollback');
        await sound.query('commit');
        for (const client of [aborted, sound]) client.release();

        expect(added.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
        expect((await store.list()).records.map(({ id }) => id)).toEqual(['s']);
      });

      it('is not there when that is undone', async () => {
        const store = postgresOutboxStore<PoolClient>(schema.pool);
        const client = await schema.pool.connect();
        await client.query('begin');
        await store.add(entryOf('m'), client);
        await client.query('rollback');
        client.release();

        expect(await store.get('m')).toBeUndefined();
      });

      it('comes before one of its key that is added later and would commit first: that waits; other keys do not', async () => {
        const store = postgresOutboxStore<PoolClient>(schema.pool);
        const client = await schema.pool.connect();
        await client.query('begin');
        await store.add(entryOf('first', { key: 'k' }), client);
        let isSecondAdded = false;
        const second = store.add(entryOf('second', { key: 'k' })).finally(() => (isSecondAdded = true));
        expect(await store.add(entryOf('other', { key: 'l' }))).toMatchObject({ id: 'other' });

        expect(isSecondAdded).toBe(false);
        await client.query('commit');
        client.release();
        expect(await second).toMatchObject({ id: 'second', key: 'k' });
        expect((await store.list({ key: 'k' })).records.map(({ id }) => id)).toEqual(['first', 'second']);
      });
    });

    it('eight workers that claim and finish 400 entries of 20 keys at once: each entry once, those of a key in order', async () => {
      const keys = Array.from({ length: 400 }, (_, place) => `k${place % 20}`);
      const stores = Array.from({ length: 8 }, () => postgresOutboxStore(poolTo(schema.url, 2)));
      for (const [place, key] of keys.entries()) await stores[0]!.add(entryOf(`${key}/${Math.floor(place / 20)}`, { key }));
      const finished: string[] = [];
      const work = async (store: (typeof stores)[number]): Promise<void> => {
        for (let round = 0; round < 10_000 && finished.length < keys.length; round += 1) {
          for (const record of await store.claim({ ...claiming, limit: 3 })) {
            finished.push(record.id);
            await store.update(record, done);
          }
        }
      };
      await Promise.all(stores.map(work));

      expect(finished).toHaveLength(keys.length);
      for (const key of new Set(keys)) {
        expect(finished.filter((id) => id.startsWith(`${key}/`))).toEqual(Array.from({ length: 20 }, (_, place) => `${key}/${place}`));
      }
    });

    it('where nobody created the tables, says so, and goes on once they are there', async () => {
      const empty = await freshSchema(server);
      const store = postgresOutboxStore(empty.pool);
      await expect(store.add(entryOf('m'))).rejects.toMatchObject({ code: 'storage.unavailable', message: 'PostgreSQL cannot keep it: its tables are of version 0, and createPostgresTables, which leads to 1, was not run.' });
      expect(await store.durability()).toBe('none');

      await createPostgresTables(empty.pool);
      expect(await store.add(entryOf('m'))).toMatchObject({ id: 'm' });
      await empty.drop();
    });

    it('of a later version, refuses everything with storage.unavailable and changes nothing; so does createPostgresTables', async () => {
      await postgresOutboxStore(schema.pool).add(entryOf('m'));
      await schema.pool.query('update fhir_storage_version set version = 1000; drop table fhir_pending_id');
      const before = await schema.pool.query('select * from fhir_outbox');
      const store = postgresOutboxStore(schema.pool);
      const refused = { code: 'storage.unavailable', message: 'PostgreSQL cannot keep it: its tables are of version 1000, and this knows no later one than 1.' };

      await expect(createPostgresTables(schema.pool)).rejects.toMatchObject(refused);
      await expect(store.claim(claiming)).rejects.toMatchObject(refused);
      await expect(store.remove({ id: 'm', fence: 0 })).rejects.toMatchObject(refused);
      expect((await schema.pool.query('select * from fhir_outbox')).rows).toEqual(before.rows);
      expect((await schema.pool.query("select to_regclass('fhir_pending_id') as there")).rows).toEqual([{ there: null }]);
    });

    it('of an earlier version, asks for createPostgresTables', async () => {
      await schema.pool.query('update fhir_storage_version set version = 0');

      await expect(postgresOutboxStore(schema.pool).list()).rejects.toThrow('its tables are of version 0, and createPostgresTables, which leads to 1, was not run');
    });

    it('whose tables may not be created, has createPostgresTables say so by the code: storage.unavailable', async () => {
      const empty = await freshSchema(server);
      const url = new URL(empty.url);
      url.searchParams.set('options', `${url.searchParams.get('options')} -c default_transaction_read_only=on`);

      await expect(createPostgresTables(poolTo(url.href))).rejects.toMatchObject({ code: 'storage.unavailable', message: 'PostgreSQL cannot keep it: 25006.' });
      await empty.drop();
    });

    it('has its tables created by many at once', async () => {
      const empty = await freshSchema(server);
      await Promise.all(Array.from({ length: 10 }, () => createPostgresTables(empty.pool)));

      expect(await postgresOutboxStore(empty.pool).add(entryOf('m'))).toMatchObject({ id: 'm' });
      await empty.drop();
    });

    it('quotes no row in what it tells of a refusal, though PostgreSQL does: storage.unavailable, and the code', async () => {
      await schema.pool.query("alter table fhir_outbox add check (account <> 'Zaphod Beeblebrox')");
      const refusal: unknown = await postgresOutboxStore(schema.pool).add(entryOf('m', { account: 'Zaphod Beeblebrox' })).catch((error: unknown) => error);

      expect(refusal).toMatchObject({ code: 'storage.unavailable', message: 'PostgreSQL cannot keep it: 23514.' });
      expect(inspect(refusal, { depth: Infinity, showHidden: true })).not.toContain('Zaphod');
    });

    it('where there is no server, rejects, and has no durability', async () => {
      const store = postgresOutboxStore(poolTo('postgres://test@127.0.0.1:1/none'));

      await expect(store.add(entryOf('m'))).rejects.toMatchObject({ code: 'storage.unavailable', message: 'PostgreSQL cannot keep it: ECONNREFUSED.' });
      expect(await store.durability()).toBe('none');
      await expect(createPostgresTables(poolTo('postgres://test@127.0.0.1:1/none'))).rejects.toMatchObject({ code: 'storage.unavailable', message: 'PostgreSQL cannot keep it: ECONNREFUSED.' });
    });
  });
});
