import { createPostgresTables, postgresCache } from '@fhir-messaging/storage/postgres';
import type { PostgresTransaction } from '@fhir-messaging/storage/postgres';
import type { CacheClaim, CachedOutcome, ReliableCache } from '@fhir-messaging/core';
import type { PoolClient } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { freshSchema } from './postgres-schema.ts';
import type { PostgresSchema } from './postgres-schema.ts';
import { reliableCacheContract } from './reliable-cache-contract.ts';

const server = inject('postgresUrl');

/** Time passes by moving what is kept into the past: the clock is the database's. */
const pass = async ({ pool }: PostgresSchema, ms: number): Promise<void> => {
  const by = `interval '${ms} milliseconds'`;
  await pool.query(`update fhir_reliable_cache set leased_until = leased_until - ${by}, expires_at = expires_at - ${by}, custody_until = custody_until - ${by}`);
};

describe.skipIf(server === '')('on PostgreSQL', () => {
  reliableCacheContract<PostgresTransaction<PoolClient>>(
    'postgresCache',
    async () => {
      const schema = await freshSchema(server);
      await createPostgresTables(schema.pool);
      await schema.pool.query('create table effect (number serial, text text not null)');
      const options = { ttlMinutes: 60 };
      return {
        cache: postgresCache<PoolClient>(schema.pool, options),
        elsewhere: postgresCache<PoolClient>(schema.pool, options),
        pass: (ms) => pass(schema, ms),
        effects: {
          write: async (transaction, text) => {
            const client = await transaction();
            await client.query('insert into effect (text) values ($1)', [text]);
          },
          fail: async (transaction) => {
            const client = await transaction();
            await client.query('insert into effect (text) values (null)');
          },
          all: async () => {
            const { rows } = await schema.pool.query<{ text: string }>('select text from effect order by number');
            return rows.map(({ text }) => text);
          },
        },
        stop: () => schema.drop(),
      };
    },
    true,
  );

  describe('postgresCache', () => {
    const claim: CacheClaim = { key: { sender: 's', message: 'm', envelope: undefined }, digest: 'd', token: 't', fence: 1 };
    const outcome: CachedOutcome = { status: 204, reply: undefined, issues: [] };
    let schema: PostgresSchema;
    beforeEach(async () => {
      schema = await freshSchema(server);
    });
    afterEach(() => schema.drop());

    it('is durable, and remembers for a day where nothing else is said', () => {
      expect(postgresCache(schema.pool)).toMatchObject({ isDurable: true, minutes: 1440, leaseMs: 30_000 });
    });

    it('has its table created by many at once, and again', async () => {
      await Promise.all(Array.from({ length: 10 }, () => createPostgresTables(schema.pool)));
      await createPostgresTables(schema.pool);

      expect(await postgresCache(schema.pool).lookUp(claim.key)).toEqual([]);
    });

    it.each([3.6e9, Number.MAX_VALUE])('remembers for a thousand years at most, however long it is to: ttlMinutes %d', async (ttlMinutes) => {
      await createPostgresTables(schema.pool);
      const cache = postgresCache(schema.pool, { ttlMinutes });
      // Expired rows are deleted at the hundredth.
      for (let claims = 1; claims <= 100; claims += 1) {
        expect(await cache.claim({ ...claim, key: { ...claim.key, message: `m${claims}` }, token: `t${claims}` }, [])).toBe(true);
      }

      expect(cache.minutes).toBe(1000 * 365 * 24 * 60);
    });

    it('takes no connection for a handler that asks for none', async () => {
      await createPostgresTables(schema.pool);
      const cache = postgresCache(schema.pool);
      await cache.claim(claim, []);
      const work = cache.begin(claim);

      expect(schema.pool.totalCount).toBe(schema.pool.idleCount);
      expect(await work.commit(outcome)).toBe(true);
    });

    it('gives one client, however often it is asked for, and gives its connection back', async () => {
      await createPostgresTables(schema.pool);
      const cache = postgresCache<PoolClient>(schema.pool);
      for (const end of ['commit', 'rollback'] as const) {
        await cache.claim(claim, []);
        const work = cache.begin(claim);
        const [one, other] = await Promise.all([work.transaction(), work.transaction()]);
        expect(one).toBe(other);
        const listening = one.listenerCount('error');
        await work[end](outcome);
        expect(one.listenerCount('error')).toBe(listening);
        expect(schema.pool.totalCount).toBe(schema.pool.idleCount);
      }
    });

    it('stores nothing where the transaction cannot be committed, and a resend is processed', async () => {
      await createPostgresTables(schema.pool);
      await schema.pool.query('create table effect (text text unique deferrable initially deferred)');
      const cache = postgresCache(schema.pool);
      await cache.claim(claim, []);
      const work = cache.begin(claim);
      const client = await work.transaction();
      await client.query("insert into effect values ('same'), ('same')");

      await expect(work.commit(outcome)).rejects.toMatchObject({ code: 'storage.unavailable', message: 'PostgreSQL cannot keep it: 23505.' });
      expect(await cache.lookUp(claim.key)).toEqual([]);
      expect(schema.pool.totalCount).toBe(schema.pool.idleCount);
    });

    it('stores nothing where the handler hid what the database refused', async () => {
      await createPostgresTables(schema.pool);
      const cache = postgresCache(schema.pool);
      await cache.claim(claim, []);
      const work = cache.begin(claim);
      const client = await work.transaction();
      await client.query('select 1 / 0').catch(() => undefined);

      await expect(work.commit(outcome)).rejects.toMatchObject({ code: 'storage.unavailable', message: 'PostgreSQL cannot keep it: 25P02.' });
      expect(await cache.lookUp(claim.key)).toEqual([]);
    });

    it('an outcome that cannot be stored without a transaction is nobody\'s: a resend is processed at once', async () => {
      await createPostgresTables(schema.pool);
      await schema.pool.query(`create function fault() returns trigger language plpgsql as $$ begin raise 'disk full'; end $$;
        create trigger fault before update on fhir_reliable_cache for each row execute function fault()`);
      const cache = postgresCache(schema.pool);
      await cache.claim(claim, []);

      await expect(cache.begin(claim).commit(outcome)).rejects.toMatchObject({ code: 'storage.unavailable', message: 'PostgreSQL cannot keep it: P0001.' });
      expect(await cache.lookUp(claim.key)).toEqual([]);
    });

    it.each([
      ['looking up', (cache: ReliableCache<unknown>) => cache.lookUp(claim.key)],
      ['claiming', (cache: ReliableCache<unknown>) => cache.claim(claim, [])],
      ['taking up what is unfinished', (cache: ReliableCache<unknown>) => cache.unfinished()],
    ])('%s, without its table: storage.unavailable, with the code and nothing of a row', async (_, use) => {
      await expect(use(postgresCache(schema.pool))).rejects.toMatchObject({ code: 'storage.unavailable', message: 'PostgreSQL cannot keep it: 42P01.' });
    });

    it('stores nothing where the connection broke while the handler did something else, which ends no process', async () => {
      await createPostgresTables(schema.pool);
      const cache = postgresCache<PoolClient>(schema.pool);
      await cache.claim(claim, []);
      const work = cache.begin(claim);
      const client = await work.transaction();
      const hasEnded = new Promise((resolve) => client.once('end', resolve));
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      await schema.pool.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
      await hasEnded;

      await expect(work.commit(outcome)).rejects.toThrow();
      expect(await cache.lookUp(claim.key)).toEqual([]);
    });
  });
});
