export { sqliteCache } from './sqlite/sqlite-cache.ts';
export type { SqliteCache, SqliteCacheOptions } from './sqlite/sqlite-cache.ts';
export type { SqliteTransaction } from './sqlite/sqlite-work.ts';
export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite/sqlite-database.ts';
