import { rowOf, numberOf } from '../row.ts';
import { requireKnownVersion } from '../storage-failure.ts';
import { inTransaction } from './in-transaction.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/**
 * Brings a part of the database to the version that its steps lead to, in one transaction.
 *
 * @throws {MessagingError} `storage.unavailable` where the part is of a later version; nothing is changed then.
 */
export function migrateSqlite(database: SqliteDatabase, part: string, steps: readonly string[]): void {
  inTransaction(database, () => {
    database.exec('create table if not exists fhir_storage_version (part text primary key, version integer not null)');
    const found = numberOf(rowOf(database.prepare('select version from fhir_storage_version where part = ?').get(part))['version']);
    requireKnownVersion('SQLite', found, steps.length);
    if (found < steps.length) {
      steps.slice(found).forEach((step) => database.exec(step));
      database.prepare('insert into fhir_storage_version values (?1, ?2) on conflict (part) do update set version = ?2').run(part, steps.length);
    }
  });
}
