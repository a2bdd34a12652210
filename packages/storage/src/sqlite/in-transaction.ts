import { onSqlite } from './on-sqlite.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/**
 * Runs a function in one transaction, which is undone where the function throws.
 *
 * The lock on writing is taken first: values that are read in the transaction hold at its commit.
 *
 * @throws {MessagingError} `storage.unavailable` where the transaction cannot begin, or end. Errors of the function stay as they are.
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
    // SQLite ends some failed transactions by itself; the first error is the one to throw.
  }
}

/** Runs the application's function in a transaction. @throws {TypeError} when it is asynchronous. */
export function runAtOnce<TDatabase>(commit: (database: TDatabase) => unknown, database: TDatabase): void {
  if (commit(database) instanceof Promise) {
    throw new TypeError('transaction: the function is synchronous; what it awaited would come after the commit.');
  }
}
