import { cacheTables } from '../cache-statements.ts';
import { outboxSteps } from '../outbox-statements.ts';
import { rowOf } from '../row.ts';
import { requireKnownVersion, storageUnavailable } from '../storage-failure.ts';
import { asPostgresFailure } from './as-postgres-failure.ts';
import { connected } from './connected.ts';
import { migratePostgres, versionIn } from './migrate-postgres.ts';
import { postgresDialect } from './postgres-dialect.ts';
import type { PostgresClient, PostgresPool } from './postgres-pool.ts';
import { undo } from './undo.ts';

/** The tables of a pending store: one row per request, and one per id of its attempts, by which it is found. */
const pendingTables = `
  create table if not exists fhir_pending_request (
    key text primary key,
    release text not null,
    event text not null,
    destinations text not null,
    bytes bytea not null,
    attempts integer not null,
    sent_at_ms float8 not null,
    deadline_ms float8 not null,
    keep_until_ms float8 not null,
    replies text[] not null default '{}'
  );
  create index if not exists fhir_pending_request_expiry on fhir_pending_request (keep_until_ms);
  create table if not exists fhir_pending_id (
    number bigint generated always as identity primary key,
    key text not null references fhir_pending_request on delete cascade,
    id text not null,
    value text not null,
    unique (key, id)
  );
  create index if not exists fhir_pending_id_value on fhir_pending_id (value);
`;

/** The key of the advisory lock: an arbitrary number that nobody else locks by. */
const lock = 7_236_541_280;

const outbox = outboxSteps(postgresDialect);

/**
 * Creates the tables of the cache, the pending store and the outbox where they are not there yet, in the schema that is first on the
 * `search_path`, and brings the outbox's to the version that this package knows; several processes may do so at once. Run it in one of your own
 * migrations, if you keep any.
 *
 * @throws {MessagingError} `storage.unavailable`, with PostgreSQL's code, or where the outbox's table is of a later version; nothing is changed then.
 * @example await createPostgresTables(new Pool({ connectionString }));
 */
export async function createPostgresTables(pool: PostgresPool): Promise<void> {
  const client = await connected(pool);
  try {
    await client.query('begin');
    // Two processes that create at once may fail with `if not exists` alone.
    await client.query(`select pg_advisory_xact_lock(${lock})`);
    await migratePostgres(client, 'outbox', outbox);
    await client.query(`${cacheTables(postgresDialect)} ${pendingTables}`);
    await client.query('commit');
    client.release();
  } catch (error) {
    await undo(client, pool);
    throw asPostgresFailure(error);
  }
}

/**
 * Makes sure that the outbox's table is of the version that is known here.
 *
 * @throws {MessagingError} `storage.unavailable` where the table is not there, or of another version.
 */
export async function requireOutboxVersion(client: PostgresClient): Promise<void> {
  const { rows } = await client.query("select to_regclass('fhir_storage_version') as versions");
  const found = rowOf(rows[0])['versions'] === null ? 0 : await versionIn(client, 'outbox');
  requireKnownVersion('PostgreSQL', found, outbox.length);
  if (found < outbox.length) {
    throw storageUnavailable('PostgreSQL', `its tables are of version ${found}, and createPostgresTables, which leads to ${outbox.length}, was not run`);
  }
}
