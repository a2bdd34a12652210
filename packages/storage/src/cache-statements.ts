import type { SqlDialect } from './sql-dialect.ts';

/**
 * The table of a reliable cache, one row for each transmission. Its unique constraints keep two processes from claiming the same one: a message id
 * with one more occurrence than was seen, and an envelope id, are there once.
 */
export const cacheTables = ({ types: { time, bytes } }: SqlDialect): string => `
  create table if not exists fhir_reliable_cache (
    token text primary key,
    sender text not null,
    message text not null,
    envelope text,
    occurrence integer not null,
    digest text not null,
    fence integer not null,
    leased_until ${time} not null,
    expires_at ${time} not null,
    status integer,
    reply ${bytes},
    issues text,
    custody_bytes ${bytes},
    custody_reply_to text,
    custody_sender text,
    custody_until ${time},
    unique (sender, message, occurrence)
  );
  create unique index if not exists fhir_reliable_cache_envelope on fhir_reliable_cache (sender, envelope) where envelope is not null;
  create index if not exists fhir_reliable_cache_expiry on fhir_reliable_cache (expires_at);
  create index if not exists fhir_reliable_cache_custody on fhir_reliable_cache (leased_until) where custody_until is not null;
`;

/** The names of a cache's statements. */
export type CacheStatement = 'lookUp' | 'claim' | 'takeOver' | 'renew' | 'complete' | 'forget' | 'endLease' | 'unfinished' | 'delivered' | 'purge';

/** The statements of a cache; each alone is a transaction. */
export function cacheStatements({ now, later, msUntil, greatest, textsIn, skipLocked }: SqlDialect): Readonly<Record<CacheStatement, string>> {
  // An accepted message is kept past its time until its reply is delivered, or somebody was told that none is.
  const isExpired = `expires_at <= ${now} and custody_until is null`;
  const columns = `token, sender, message, envelope, digest, fence, leased_until > ${now} as is_leased, (${isExpired}) as is_expired, status, reply, issues`;
  const leaseAnew = `leased_until = ${later('$3')}, expires_at = ${greatest('expires_at', later('$3 + $4'))}`;
  return {
    lookUp: `select ${columns} from fhir_reliable_cache where sender = $1 and (message = $2 or envelope = $3) order by message = $2 desc, occurrence`,
    claim: `insert into fhir_reliable_cache
        (token, sender, message, envelope, digest, fence, occurrence, leased_until, expires_at, custody_bytes, custody_reply_to, custody_sender, custody_until)
      values ($1, $2, $3, $4, $5, $6,
        (select coalesce(max(occurrence), 0) + 1 from fhir_reliable_cache where token in ${textsIn('$7')} and message = $3),
        ${later('$8')}, ${greatest(later('$8 + $9'), later('$8 + $13'))}, $10, $11, $12, ${later('$13')})
      on conflict do nothing`,
    takeOver: `update fhir_reliable_cache set fence = fence + 1, ${leaseAnew}
      where token = $1 and fence = $2 and leased_until <= ${now} and (status is null or custody_until is not null)`,
    renew: `update fhir_reliable_cache set ${leaseAnew} where token = $1 and fence = $2`,
    complete: `update fhir_reliable_cache
      set status = $3, reply = $4, issues = $5, leased_until = ${later('$6')}, expires_at = ${greatest(later('$7'), 'custody_until')}
      where token = $1 and fence = $2 and status is null`,
    forget: 'delete from fhir_reliable_cache where token = $1 and fence = $2 and status is null and custody_until is null',
    endLease: `update fhir_reliable_cache set leased_until = ${now} where token = $1 and fence = $2 and custody_until is not null`,
    unfinished: `select ${columns}, custody_bytes, custody_reply_to, custody_sender, ${msUntil('custody_until')} as custody_left_ms
      from fhir_reliable_cache where custody_until is not null and leased_until <= ${now} order by leased_until limit 100`,
    delivered: `update fhir_reliable_cache
      set custody_bytes = null, custody_reply_to = null, custody_sender = null, custody_until = null, expires_at = ${later('$3')}
      where token = $1 and fence = $2`,
    // No row expires before its custody. One that nobody took up since, for as long as an outcome is remembered, is kept for nobody.
    purge: `delete from fhir_reliable_cache
      where token in (select token from fhir_reliable_cache where ${isExpired} or expires_at <= ${later('-$2')} limit $1${skipLocked})`,
  };
}
