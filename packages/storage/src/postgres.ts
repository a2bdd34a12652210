export { postgresCache } from './postgres/postgres-cache.ts';
export { postgresPendingStore } from './postgres/postgres-pending-store.ts';
export { postgresOutboxStore } from './postgres/postgres-outbox-store.ts';
export { createPostgresTables } from './postgres/postgres-tables.ts';
export type { PostgresTransaction } from './postgres/postgres-work.ts';
export type { NamedStatement, PostgresClient, PostgresConnection, PostgresPool, PostgresResult } from './postgres/postgres-pool.ts';
export type { StoredCacheOptions } from './cache-options.ts';
