import { MessagingError } from '@fhir-messaging/core';
import { prepared } from './prepared.ts';
import { soon } from './soon.ts';
import { databaseOpener } from './sqlite-database.ts';
import type { SqliteDatabase, SqliteStatement } from './sqlite-database.ts';

/** A database that is open, and its statements. */
interface OpenDatabase {
  readonly database: SqliteDatabase;
  readonly statement: (text: string) => SqliteStatement;
}

/** A database that is opened when it is first used, and again where that failed. */
export interface OpenedOnUse {
  /** Runs a function on the database at once. Rejects with `storage.unavailable` where SQLite fails; errors of the function stay as they are. */
  readonly use: <T>(run: (on: OpenDatabase) => T) => Promise<T>;
  /** Closes the database, where it was opened here. */
  readonly close: () => void;
}

/**
 * Gives a database, whose tables are set up when it is opened.
 *
 * @throws {MessagingError} `platform.unsupported` where a path is given and there is no `node:sqlite`.
 */
export function openedOnUse(where: string | SqliteDatabase, setUp: (database: SqliteDatabase) => void): OpenedOnUse {
  const open = databaseOpener(where, setUp);
  let found: OpenDatabase | undefined;
  let isClosed = false;

  const ready = (): OpenDatabase => {
    const database = open();
    return { database, statement: prepared(database) };
  };
  return {
    use: (run) =>
      soon(() => {
        if (isClosed) throw new MessagingError('closed', 'The store was closed.');
        found ??= ready();
        return run(found);
      }),
    close() {
      if (typeof where === 'string' && !isClosed) found?.database.close();
      isClosed = true;
    },
  };
}
