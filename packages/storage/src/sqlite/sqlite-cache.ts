import type { CacheClaim, CachedOutcome, CacheWork, ReliableCache } from '@fhir-messaging/core';
import { custodyRecordOf, isExpired, recordOf } from '../cache-row.ts';
import { claimsPerPurge, timesOf } from '../cache-options.ts';
import type { StoredCacheOptions } from '../cache-options.ts';
import { cacheStatements, cacheTables } from '../cache-statements.ts';
import { prepared } from './prepared.ts';
import { soon } from './soon.ts';
import { changed, closerOf, databaseOpener } from './sqlite-database.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { isInFile } from './sqlite-durability.ts';
import { sqliteWork } from './sqlite-work.ts';
import type { SqliteTransaction } from './sqlite-work.ts';

const statements = cacheStatements(sqliteDialect);

/** A reliable cache in a SQLite database. */
export interface SqliteCache<TDatabase extends SqliteDatabase = SqliteDatabase> extends ReliableCache<SqliteTransaction<TDatabase>> {
  /** Closes the database, where the cache opened it. */
  close(): void;
}

/**
 * A reliable cache in a SQLite database, for the processes of one machine that share its file.
 *
 * Its table is created at once. A handler's effect is committed with its outcome where it goes through `transaction`. All times are
 * those of the database.
 *
 * @param where - a path, which is opened with a write-ahead log; `:memory:`; or a `DatabaseSync` that nobody begins transactions on across an
 * `await`.
 * @throws {MessagingError} `platform.unsupported` where a path is given and there is no `node:sqlite`: before Node 22.13; `storage.unavailable` where
 * the database cannot be opened, or takes no table. Methods reject with that too; errors in a handler's `commit` functions stay as they are.
 * @throws {TypeError} when an option is no time above 0.
 * @example createReceiver({ source, cache: sqliteCache('messages.db') })
 */
export function sqliteCache(where: string, options?: StoredCacheOptions): SqliteCache;
export function sqliteCache<TDatabase extends SqliteDatabase>(where: TDatabase, options?: StoredCacheOptions): SqliteCache<TDatabase>;
export function sqliteCache(where: string | SqliteDatabase, options: StoredCacheOptions = {}): SqliteCache {
  const { minutes, ttlMs, leaseMs } = timesOf('sqliteCache', options);
  const database = databaseOpener(where, (opened) => opened.exec(cacheTables(sqliteDialect)))();
  const isDurable = isInFile(database);
  const statement = prepared(database);
  let claims = 0;

  const deleteExpired = (): void => void statement(statements.purge).run(claimsPerPurge * 10, ttlMs);
  const purge = (): void => {
    claims += 1;
    if (claims % claimsPerPurge === 0) {
      deleteExpired();
    }
  };
  const complete = ({ token, fence }: CacheClaim, { status, reply, issues }: CachedOutcome): boolean =>
    changed(statement(statements.complete).run(token, fence, status, reply ?? null, JSON.stringify(issues), leaseMs, ttlMs));
  const release = ({ token, fence }: CacheClaim): void => {
    statement(statements.forget).run(token, fence);
    statement(statements.endLease).run(token, fence);
  };

  return Object.freeze<SqliteCache>({
    minutes,
    leaseMs,
    isDurable,
    lookUp: ({ sender, message, envelope }) =>
      soon(() => {
        const rows = statement(statements.lookUp).all(sender, message, envelope ?? null);
        if (rows.some(isExpired)) {
          deleteExpired();
        }
        return rows.filter((row) => !isExpired(row)).map(recordOf);
      }),
    claim: ({ key, digest, token, fence }, seen, custody) =>
      soon(() => {
        purge();
        const tokens = JSON.stringify(seen.map((record) => record.token));
        const kept = [custody?.bytes ?? null, custody?.replyTo ?? null, custody?.sender ?? null, custody?.expiresAfterMs ?? null];
        return changed(statement(statements.claim).run(token, key.sender, key.message, key.envelope ?? null, digest, fence, tokens, leaseMs, ttlMs, ...kept));
      }),
    takeOver: ({ key, digest, token, fence }) =>
      soon(() => (changed(statement(statements.takeOver).run(token, fence, leaseMs, ttlMs)) ? { key, digest, token, fence: fence + 1 } : undefined)),
    renew: ({ token, fence }) => soon(() => changed(statement(statements.renew).run(token, fence, leaseMs, ttlMs))),
    begin: (claim): CacheWork<SqliteTransaction> => sqliteWork(database, (outcome) => complete(claim, outcome), () => release(claim)),
    release: (claim) => soon(() => release(claim)),
    unfinished: () => soon(() => statement(statements.unfinished).all().map(custodyRecordOf)),
    delivered: ({ token, fence }) => soon(() => changed(statement(statements.delivered).run(token, fence, ttlMs))),
    close: closerOf(where, database),
  });
}
