import type { OutboxDurability } from '@fhir-messaging/core';
import { rowOf } from '../row.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** How safe a commit is here, by SQLite's settings; writes something to find out. */
export function sqliteDurability(database: SqliteDatabase): OutboxDurability {
  const setting = (name: string): unknown => rowOf(database.prepare(`pragma ${name}`).get())[name];
  database.exec("update fhir_storage_version set version = version where part = 'outbox'");
  const isSynced = Number(setting('synchronous')) >= 2 && !['off', 'memory'].includes(String(setting('journal_mode')));
  return isInFile(database) && isSynced ? 'durable' : 'ephemeral';
}

/** Whether a database outlives its process, as one in memory, or in a file without a name, does not. */
export function isInFile(database: SqliteDatabase): boolean {
  return rowOf(database.prepare("select file from pragma_database_list where name = 'main'").get())['file'] !== '';
}
