import type { SqliteDatabase, SqliteStatement } from './sqlite-database.ts';

/** Milliseconds since 1970, by the database. */
const now = `cast(round(unixepoch('subsec') * 1000) as integer)`;

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
    leased_until integer not null,
    expires_at integer not null,
    status integer,
    reply blob,
    issues text,
    custody_bytes blob,
    custody_reply_to text,
    custody_sender text,
    custody_until integer,
    unique (sender, message, occurrence)
  );
  create unique index if not exists fhir_reliable_cache_envelope on fhir_reliable_cache (sender, envelope) where envelope is not null;
  create index if not exists fhir_reliable_cache_expiry on fhir_reliable_cache (expires_at);
  create index if not exists fhir_reliable_cache_custody on fhir_reliable_cache (leased_until) where custody_until is not null;
`;

const columns = `token, sender, message, envelope, digest, fence, leased_until > ${now} as is_leased, expires_at <= ${now} as is_expired, status, reply, issues`;

type Name = 'lookUp' | 'claim' | 'takeOver' | 'renew' | 'complete' | 'forget' | 'endLease' | 'unfinished' | 'delivered' | 'purge';

const texts: Readonly<Record<Name, string>> = {
  lookUp: `select ${columns} from fhir_reliable_cache where sender = ?1 and (message = ?2 or envelope = ?3)
    order by message = ?2 desc, occurrence`,
  claim: `insert into fhir_reliable_cache
      (token, sender, message, envelope, digest, fence, occurrence, leased_until, expires_at, custody_bytes, custody_reply_to, custody_sender, custody_until)
    values (?1, ?2, ?3, ?4, ?5, ?6,
      (select coalesce(max(occurrence), 0) + 1 from fhir_reliable_cache where token in (select value from json_each(?7)) and message = ?3),
      ${now} + ?8, ${now} + ?8 + max(?9, coalesce(?13, 0)), ?10, ?11, ?12, ${now} + ?13)
    on conflict do nothing`,
  takeOver: `update fhir_reliable_cache
    set fence = fence + 1, leased_until = ${now} + ?3, expires_at = max(expires_at, ${now} + ?3 + ?4)
    where token = ?1 and fence = ?2 and leased_until <= ${now} and (status is null or custody_until is not null)`,
  renew: `update fhir_reliable_cache set leased_until = ${now} + ?3, expires_at = max(expires_at, ${now} + ?3 + ?4) where token = ?1 and fence = ?2`,
  complete: `update fhir_reliable_cache
    set status = ?3, reply = ?4, issues = ?5, leased_until = ${now} + ?6, expires_at = max(${now} + ?7, coalesce(custody_until, 0))
    where token = ?1 and fence = ?2 and status is null`,
  forget: 'delete from fhir_reliable_cache where token = ?1 and fence = ?2 and status is null and custody_until is null',
  endLease: `update fhir_reliable_cache set leased_until = ${now} where token = ?1 and fence = ?2 and custody_until is not null`,
  unfinished: `select ${columns}, custody_bytes, custody_reply_to, custody_sender, custody_until - ${now} as custody_left_ms from fhir_reliable_cache
    where custody_until > ${now} and leased_until <= ${now} order by leased_until limit 100`,
  delivered: `update fhir_reliable_cache
    set custody_bytes = null, custody_reply_to = null, custody_sender = null, custody_until = null, expires_at = ${now} + ?3
    where token = ?1 and fence = ?2`,
  purge: `delete from fhir_reliable_cache where token in (select token from fhir_reliable_cache where expires_at <= ${now} limit ?1)`,
};

/** The statements of a cache, prepared. */
export type SqliteStatements = Readonly<Record<Name, SqliteStatement>>;

/** Creates the tables where they are not there yet, and prepares the statements. */
export function prepareStatements(database: SqliteDatabase): SqliteStatements {
  database.exec(tables);
  const prepare = (name: Name): SqliteStatement => database.prepare(texts[name]);
  return {
    lookUp: prepare('lookUp'),
    claim: prepare('claim'),
    takeOver: prepare('takeOver'),
    renew: prepare('renew'),
    complete: prepare('complete'),
    forget: prepare('forget'),
    endLease: prepare('endLease'),
    unfinished: prepare('unfinished'),
    delivered: prepare('delivered'),
    purge: prepare('purge'),
  };
}
