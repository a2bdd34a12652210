export { sqliteCache } from './sqlite/sqlite-cache.ts';
export type { SqliteCache } from './sqlite/sqlite-cache.ts';
export { sqlitePendingStore } from './sqlite/sqlite-pending-store.ts';
export type { SqlitePendingStore } from './sqlite/sqlite-pending-store.ts';
export { sqliteOutboxStore } from './sqlite/sqlite-outbox-store.ts';
export type { SqliteEffect, SqliteOutboxStore } from './sqlite/sqlite-outbox-store.ts';
export type { SqliteTransaction } from './sqlite/sqlite-work.ts';
export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite/sqlite-database.ts';
export type { StoredCacheOptions } from './cache-options.ts';
