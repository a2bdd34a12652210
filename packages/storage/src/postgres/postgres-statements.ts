// The clock goes on while a transaction does, which `now()` does not.
const now = 'clock_timestamp()';

const columns = `token, sender, message, envelope, digest, fence, leased_until > ${now} as is_leased, expires_at <= ${now} as is_expired, status, reply, issues`;

/** Milliseconds as an interval. */
const ms = (parameter: string): string => `${parameter}::float8 * interval '1 millisecond'`;

/** What a cache asks of the database. */
export type PostgresStatement = 'lookUp' | 'claim' | 'takeOver' | 'renew' | 'complete' | 'release' | 'unfinished' | 'delivered' | 'purge';

/** The statements of a cache; each alone is a transaction. */
export const statements: Readonly<Record<PostgresStatement, string>> = {
  lookUp: `select ${columns} from fhir_reliable_cache where sender = $1 and (message = $2 or envelope = $3) order by message = $2 desc, occurrence`,
  claim: `insert into fhir_reliable_cache
      (token, sender, message, envelope, digest, fence, occurrence, leased_until, expires_at, custody_bytes, custody_reply_to, custody_sender, custody_until)
    values ($1, $2, $3, $4, $5, $6,
      (select coalesce(max(occurrence), 0) + 1 from fhir_reliable_cache where token = any($7::text[]) and message = $3),
      ${now} + ${ms('$8')}, ${now} + ${ms('$8')} + ${ms('greatest($9::float8, $13::float8)')}, $10, $11, $12, ${now} + ${ms('$13')})
    on conflict do nothing`,
  takeOver: `update fhir_reliable_cache
    set fence = fence + 1, leased_until = ${now} + ${ms('$3')}, expires_at = greatest(expires_at, ${now} + ${ms('$3')} + ${ms('$4')})
    where token = $1 and fence = $2 and leased_until <= ${now} and (status is null or custody_until is not null)`,
  renew: `update fhir_reliable_cache
    set leased_until = ${now} + ${ms('$3')}, expires_at = greatest(expires_at, ${now} + ${ms('$3')} + ${ms('$4')})
    where token = $1 and fence = $2`,
  complete: `update fhir_reliable_cache
    set status = $3, reply = $4, issues = $5, leased_until = ${now} + ${ms('$6')}, expires_at = greatest(${now} + ${ms('$7')}, custody_until)
    where token = $1 and fence = $2 and status is null`,
  release: `with forgotten as (delete from fhir_reliable_cache where token = $1 and fence = $2 and status is null and custody_until is null)
    update fhir_reliable_cache set leased_until = ${now} where token = $1 and fence = $2 and custody_until is not null`,
  unfinished: `select ${columns}, custody_bytes, custody_reply_to, custody_sender,
      extract(epoch from custody_until - ${now})::float8 * 1000 as custody_left_ms
    from fhir_reliable_cache where custody_until > ${now} and leased_until <= ${now} order by leased_until limit 100`,
  delivered: `update fhir_reliable_cache
    set custody_bytes = null, custody_reply_to = null, custody_sender = null, custody_until = null, expires_at = ${now} + ${ms('$3')}
    where token = $1 and fence = $2`,
  purge: `delete from fhir_reliable_cache where token in
    (select token from fhir_reliable_cache where expires_at <= ${now} limit $1 for update skip locked)`,
};
