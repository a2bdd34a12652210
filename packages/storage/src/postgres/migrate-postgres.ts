import { numberOf, rowOf } from '../row.ts';
import { requireKnownVersion } from '../storage-failure.ts';
import type { PostgresClient } from './postgres-pool.ts';

const versions = 'create table if not exists fhir_storage_version (part text primary key, version integer not null)';

/**
 * Brings a part of the schema to the version that its steps lead to, in the transaction that the client is in.
 *
 * @throws {MessagingError} `storage.unavailable` where it is of a later version.
 */
export async function migratePostgres(client: PostgresClient, part: string, steps: readonly string[]): Promise<void> {
  await client.query(versions);
  const found = await versionIn(client, part);
  requireKnownVersion('PostgreSQL', found, steps.length);
  if (found < steps.length) {
    await client.query(steps.slice(found).join(';\n'));
    await client.query('insert into fhir_storage_version values ($1, $2) on conflict (part) do update set version = $2', [part, steps.length]);
  }
}

/** The version of a part; 0 where it is not there yet. */
export async function versionIn(client: PostgresClient, part: string): Promise<number> {
  const { rows } = await client.query('select version from fhir_storage_version where part = $1', [part]);
  return numberOf(rowOf(rows[0])['version']);
}
