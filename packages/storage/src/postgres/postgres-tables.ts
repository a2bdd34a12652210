import { cacheTables } from '../cache-statements.ts';
import { postgresDialect } from './postgres-dialect.ts';
import type { PostgresPool } from './postgres-pool.ts';

/** Of what a messenger remembers one row a request, and one for each id of its attempts, by which it is found. */
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

/** Any number that nobody else locks by. */
const lock = 7_236_541_280;

/**
 * Creates the tables of the cache and of the pending store where they are not there yet, in the schema that is first on the `search_path`;
 * several processes may do so at once. Who keeps migrations of their own runs this in one of them.
 *
 * @example await createPostgresTables(new Pool({ connectionString }));
 */
export async function createPostgresTables(pool: PostgresPool): Promise<void> {
  // One transaction, since it is one query. `if not exists` alone lets two that create at once fail.
  await pool.query(`select pg_advisory_xact_lock(${lock}); ${cacheTables(postgresDialect)} ${pendingTables}`);
}
