import type { CacheClaim, CachedOutcome, ReliableCache } from '@fhir-messaging/core';
import { custodyRecordOf, isExpired, recordOf } from '../cache-row.ts';
import { claimsPerPurge, timesOf } from '../cache-options.ts';
import type { StoredCacheOptions } from '../cache-options.ts';
import { cacheStatements } from '../cache-statements.ts';
import type { CacheStatement } from '../cache-statements.ts';
import { postgresDialect } from './postgres-dialect.ts';
import type { PostgresClient, PostgresConnection, PostgresPool } from './postgres-pool.ts';
import { postgresWork } from './postgres-work.ts';
import type { PostgresTransaction } from './postgres-work.ts';
import { runStatement } from './run-statement.ts';

const statements = cacheStatements(postgresDialect);

/**
 * A reliable cache in PostgreSQL, for any number of processes. Its table has to be there: `createPostgresTables`.
 *
 * A handler's effect is committed with its outcome where it goes through `transaction`. Only a handler that asked for its transaction holds a
 * connection. All times are those of the database.
 *
 * @throws {MessagingError} Methods reject with `storage.unavailable`, which tells PostgreSQL's code; errors of a handler's own statements stay as they are.
 * @throws {TypeError} when an option is no time above 0.
 * @param pool - `pg`'s, with a connection for each handler that may be in its transaction at once, and one more at least.
 * @example createReceiver({ source, cache: postgresCache<PoolClient>(new Pool({ connectionString })) })
 */
export function postgresCache<TConnection extends PostgresConnection = PostgresConnection>(
  pool: PostgresPool<TConnection>,
  options: StoredCacheOptions = {},
): ReliableCache<PostgresTransaction<TConnection>> {
  const { minutes, ttlMs, leaseMs } = timesOf('postgresCache', options);
  let claims = 0;

  const changes = async (client: PostgresClient, name: CacheStatement, ...values: unknown[]): Promise<boolean> => {
    const { rowCount } = await runStatement(client, statements[name], values);
    return rowCount === 1;
  };
  const purge = (): Promise<boolean> => changes(pool, 'purge', claimsPerPurge * 10, ttlMs);
  const complete = (client: PostgresClient, { token, fence }: CacheClaim, { status, reply, issues }: CachedOutcome): Promise<boolean> =>
    changes(client, 'complete', token, fence, status, reply ?? null, JSON.stringify(issues), leaseMs, ttlMs);
  const release = async ({ token, fence }: CacheClaim): Promise<void> => {
    await changes(pool, 'forget', token, fence);
    await changes(pool, 'endLease', token, fence);
  };

  return Object.freeze<ReliableCache<PostgresTransaction<TConnection>>>({
    minutes,
    leaseMs,
    isDurable: true,
    async lookUp({ sender, message, envelope }) {
      const { rows } = await runStatement(pool, statements.lookUp, [sender, message, envelope ?? null]);
      if (rows.some(isExpired)) {
        await purge();
      }
      return rows.filter((row) => !isExpired(row)).map(recordOf);
    },
    async claim({ key, digest, token, fence }, seen, custody) {
      claims += 1;
      if (claims % claimsPerPurge === 0) {
        await purge();
      }
      const tokens = JSON.stringify(seen.map((record) => record.token));
      const kept = [custody?.bytes ?? null, custody?.replyTo ?? null, custody?.sender ?? null, custody?.expiresAfterMs ?? null];
      return changes(pool, 'claim', token, key.sender, key.message, key.envelope ?? null, digest, fence, tokens, leaseMs, ttlMs, ...kept);
    },
    async takeOver({ key, digest, token, fence }) {
      return (await changes(pool, 'takeOver', token, fence, leaseMs, ttlMs)) ? { key, digest, token, fence: fence + 1 } : undefined;
    },
    renew: ({ token, fence }) => changes(pool, 'renew', token, fence, leaseMs, ttlMs),
    begin: (claim) => postgresWork(pool, (client, outcome) => complete(client, claim, outcome), () => release(claim)),
    release,
    async unfinished() {
      const { rows } = await runStatement(pool, statements.unfinished);
      return rows.map(custodyRecordOf);
    },
    delivered: ({ token, fence }) => changes(pool, 'delivered', token, fence, ttlMs),
  });
}
