import type { SqliteDatabase } from './sqlite-database.ts';

/**
 * Runs something in one transaction, which is undone where it throws.
 *
 * The lock on writing is taken first: what is read in it holds at the commit.
 */
export function inTransaction<T>(database: SqliteDatabase, run: () => T): T {
  database.exec('begin immediate');
  try {
    const result = run();
    database.exec('commit');
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
