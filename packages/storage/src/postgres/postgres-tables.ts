import type { PostgresPool } from './postgres-pool.ts';

/**
 * One row a transmission. That two never claim the same is kept by its unique constraints: a message id with one more occurrence than was
 * seen, and an envelope id, are there once.
 */
const tables = `
  create table if not exists fhir_reliable_cache (
    token text primary key,
    sender text not null,
    message text not null,
    envelope text,
    occurrence integer not null,
    digest text not null,
    fence integer not null,
    leased_until timestamptz not null,
    expires_at timestamptz not null,
    status integer,
    reply bytea,
    issues text,
    custody_bytes bytea,
    custody_reply_to text,
    custody_sender text,
    custody_until timestamptz,
    unique (sender, message, occurrence)
  );
  create unique index if not exists fhir_reliable_cache_envelope on fhir_reliable_cache (sender, envelope) where envelope is not null;
  create index if not exists fhir_reliable_cache_expiry on fhir_reliable_cache (expires_at);
  create index if not exists fhir_reliable_cache_custody on fhir_reliable_cache (leased_until) where custody_until is not null;
`;

/** Any number that nobody else locks by. */
const lock = 7_236_541_280;

/**
 * Creates the table of the cache where it is not there yet, in the schema that is first on the `search_path`; several processes may do so at
 * once. Who keeps migrations of their own runs this in one of them.
 *
 * @example await createPostgresTables(new Pool({ connectionString }));
 */
export async function createPostgresTables(pool: PostgresPool): Promise<void> {
  // One transaction, since it is one query. `if not exists` alone lets two that create at once fail.
  await pool.query(`select pg_advisory_xact_lock(${lock}); ${tables}`);
}
