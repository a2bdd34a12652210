import type { OutboxStore, PendingStore, ReliableCache } from '@fhir-messaging/core';
import { createReceiver, memoryCache } from '@fhir-messaging/receiver';
import type { Receiver } from '@fhir-messaging/receiver';
import { createPostgresTables, postgresCache, postgresOutboxStore, postgresPendingStore } from '@fhir-messaging/storage/postgres';
import type { PostgresConnection, PostgresPool, PostgresTransaction } from '@fhir-messaging/storage/postgres';
import { sqliteCache, sqliteOutboxStore, sqlitePendingStore } from '@fhir-messaging/storage/sqlite';
import type { SqliteDatabase, SqliteEffect, SqliteTransaction } from '@fhir-messaging/storage/sqlite';
import type { DatabaseSync } from 'node:sqlite';
import type { Pool, PoolClient } from 'pg';
import { describe, expectTypeOf, it } from 'vitest';
import { admit } from './events.ts';

declare const pool: Pool;
declare const database: DatabaseSync;
const source = 'https://ward.example.org/fhir';

describe('ports', () => {
  it("pg's own Pool and client fit", () => {
    expectTypeOf<Pool>().toExtend<PostgresPool<PoolClient>>();
    expectTypeOf<PoolClient>().toExtend<PostgresConnection>();
    void createPostgresTables(pool);
  });

  it("node:sqlite's own DatabaseSync fits", () => {
    expectTypeOf<DatabaseSync>().toExtend<SqliteDatabase>();
  });

  it('both caches are reliable caches, each with its transaction', () => {
    expectTypeOf(postgresCache<PoolClient>(pool)).toEqualTypeOf<ReliableCache<PostgresTransaction<PoolClient>>>();
    expectTypeOf(sqliteCache(database)).toExtend<ReliableCache<SqliteTransaction<DatabaseSync>>>();
    expectTypeOf(sqliteCache('file.db')).toExtend<ReliableCache<SqliteTransaction>>();
  });
});

describe('pending stores', () => {
  it('are what a messenger takes, on the databases that the caches are on', () => {
    expectTypeOf(postgresPendingStore(pool)).toExtend<PendingStore>();
    expectTypeOf(sqlitePendingStore(database)).toExtend<PendingStore>();
    expectTypeOf(sqlitePendingStore('file.db')).toExtend<PendingStore>();
  });
});

describe('outbox stores', () => {
  it("take an entry with pg's own client, or with what is done at once on the application's own database", () => {
    expectTypeOf(postgresOutboxStore<PoolClient>(pool)).toEqualTypeOf<OutboxStore<PoolClient>>();
    expectTypeOf(sqliteOutboxStore(database)).toExtend<OutboxStore<SqliteEffect<DatabaseSync>>>();
    expectTypeOf(sqliteOutboxStore('file.db')).toExtend<OutboxStore<SqliteEffect>>();
  });
});

describe("a handler's transaction", () => {
  it("is pg's client, later", () => {
    createReceiver({ source, cache: postgresCache<PoolClient>(pool) }).on(admit, async ({ transaction, context }) => {
      expectTypeOf(await transaction()).toEqualTypeOf<PoolClient>();
      expectTypeOf(context).toEqualTypeOf<undefined>();
    });
  });

  it('is a function that takes what is done at once, on the database that the cache was given', () => {
    createReceiver({ source, cache: sqliteCache(database) }).on(admit, ({ transaction }) => {
      transaction((own) => expectTypeOf(own).toEqualTypeOf<DatabaseSync>());
    });
  });

  it('is nothing where the cache is in memory', () => {
    createReceiver({ source, cache: memoryCache() }).on(admit, ({ transaction }) => {
      expectTypeOf(transaction).toEqualTypeOf<undefined>();
    });
    createReceiver({ source }).on(admit, ({ transaction }) => {
      expectTypeOf(transaction).toEqualTypeOf<undefined>();
    });
  });

  it('is named where the context is: the compiler asks for it', () => {
    const receiver = createReceiver<{ tenant: string }, PostgresTransaction<PoolClient>>({ source, cache: postgresCache<PoolClient>(pool) });
    expectTypeOf(receiver).toEqualTypeOf<Receiver<{ tenant: string }, PostgresTransaction<PoolClient>>>();
    // @ts-expect-error the cache has a transaction that the receiver was not told of
    createReceiver<{ tenant: string }>({ source, cache: postgresCache<PoolClient>(pool) });
    createReceiver<{ tenant: string }, SqliteTransaction>({ source, cache: sqliteCache('file.db') }).on(admit, ({ transaction, context }) => {
      transaction((own) => own.exec(context.tenant));
    });
    // @ts-expect-error the cache has a transaction that the receiver was not told of
    createReceiver<{ tenant: string }>({ source, cache: sqliteCache('file.db') });
  });
});
