import { createPostgresTables, postgresPendingStore } from '@fhir-messaging/storage/postgres';
import { Pool } from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { pendingStoreContract, requestOf } from '../exchange/pending-store-contract.ts';
import { freshSchema } from './postgres-schema.ts';

const server = inject('postgresUrl');

describe.skipIf(server === '')('on PostgreSQL', () => {
  pendingStoreContract('postgresPendingStore', async () => {
    const schema = await freshSchema(server);
    await createPostgresTables(schema.pool);
    let other: Pool | undefined;
    return {
      store: postgresPendingStore(schema.pool),
      reopen: () => {
        other = new Pool({ connectionString: schema.url });
        return Promise.resolve(postgresPendingStore(other));
      },
      stop: async () => {
        await other?.end();
        await schema.drop();
      },
    };
  });

  describe('postgresPendingStore', () => {
    it('forgets the ids of a request with it', async () => {
      const schema = await freshSchema(server);
      await createPostgresTables(schema.pool);
      const store = postgresPendingStore(schema.pool);
      await store.put(requestOf({ keepUntilMs: 2 }));
      await store.expire(3);

      expect((await schema.pool.query('select * from fhir_pending_id')).rows).toEqual([]);
      await schema.drop();
    });

    it('without its tables: storage.unavailable, with the code and nothing of a row', async () => {
      const schema = await freshSchema(server);
      const store = postgresPendingStore(schema.pool);
      const refusal = { code: 'storage.unavailable', message: 'PostgreSQL cannot keep it: 42P01.' };

      await expect(store.put(requestOf())).rejects.toMatchObject(refusal);
      await expect(store.settle('request', 'reply')).rejects.toMatchObject(refusal);
      await schema.drop();
    });

    it('of replies that come to several processes at once, one is the first', async () => {
      const schema = await freshSchema(server);
      await createPostgresTables(schema.pool);
      const pools = Array.from({ length: 4 }, () => new Pool({ connectionString: schema.url, max: 5 }));
      const stores = pools.map((pool) => postgresPendingStore(pool));
      for (let round = 0; round < 20; round += 1) {
        const key = `request-${round}`;
        await stores[0]!.put(requestOf({ key, ids: [] }));
        const earlier = await Promise.all(Array.from({ length: 20 }, (_, index) => stores[index % 4]!.settle(key, `reply-${index}`)));

        // Each sees those before it, in one order that all share.
        expect(earlier.map((ids) => ids?.length).toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 20 }, (_, index) => index));
      }
      await Promise.all(pools.map((pool) => pool.end()));
      await schema.drop();
    });
  });
});
