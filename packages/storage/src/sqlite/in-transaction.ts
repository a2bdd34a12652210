import { onSqlite } from './on-sqlite.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/**
 * Runs something in one transaction, which is undone where it throws.
 *
 * The lock on writing is taken first: what is read in it holds at the commit.
 *
 * @throws {MessagingError} `storage.unavailable` where it cannot begin, or end; what is run throws what it throws.
 */
export function inTransaction<T>(database: SqliteDatabase, run: () => T): T {
  onSqlite(() => database.exec('begin immediate'));
  try {
    const result = run();
    onSqlite(() => database.exec('commit'));
    return result;
  } catch (error) {
    undo(database);
    throw error;
  }
}

function undo(database: SqliteDatabase): void {
  try {
    database.exec('rollback');
  } catch {
    // SQLite ends some failed transactions by itself; what failed is what is told.
  }
}

/** Runs what an application commits in a transaction. */
export function runAtOnce<TDatabase>(commit: (database: TDatabase) => unknown, database: TDatabase): void {
  if (commit(database) instanceof Promise) {
    throw new TypeError('transaction: the function is synchronous; what it awaited would come after the commit.');
  }
}
