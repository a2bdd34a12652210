import { MessagingError } from '@fhir-messaging/core';
import { rowOf } from '../row.ts';
import { onSqlite } from './on-sqlite.ts';

/** The value of a statement's parameter. */
export type SqliteValue = null | number | bigint | string | Uint8Array;

/** A prepared statement, as `node:sqlite` has it. */
export interface SqliteStatement {
  run(...parameters: SqliteValue[]): { readonly changes: number | bigint };
  get(...parameters: SqliteValue[]): unknown;
  all(...parameters: SqliteValue[]): unknown[];
}

/** The part of `DatabaseSync` of `node:sqlite` that is used here. */
export interface SqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

interface SqliteModule {
  readonly DatabaseSync: new (path: string) => SqliteDatabase;
}

declare const process: { readonly getBuiltinModule?: (id: 'node:sqlite') => SqliteModule | undefined } | undefined;

/** How long a statement waits while another connection writes. */
const waitMs = 5_000;

/** SQLITE_BUSY: SQLite's code where it does not wait, or no longer. */
const busy = 5;

/** Whether a statement changed anything. */
export function changed({ changes }: { readonly changes: number | bigint }): boolean {
  return Number(changes) > 0;
}

/**
 * Gives a function that opens a database file, or `:memory:`, for several processes at once, and sets up its tables: with a write-ahead log that is on
 * the disk when a statement has ended, and a wait of five seconds while another process writes. A database that is given is only set up.
 *
 * @throws {MessagingError} `platform.unsupported` where a path is given and there is no `node:sqlite`: before Node 22.13. The function throws
 * `storage.unavailable` where the file cannot be opened or set up, and leaves nothing open then.
 */
export function databaseOpener(where: string | SqliteDatabase, setUp: (database: SqliteDatabase) => void): () => SqliteDatabase {
  if (typeof where !== 'string') {
    return () => {
      onSqlite(() => setUp(where));
      return where;
    };
  }
  // Not imported, so that this module loads in a bundle, and on a Node without `node:sqlite`.
  const sqlite = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:sqlite');
  if (sqlite === undefined) {
    throw new MessagingError('platform.unsupported', 'There is no node:sqlite here. It comes with Node 22.13 and later.');
  }
  return () =>
    onSqlite(() => {
      const database = new sqlite.DatabaseSync(where);
      try {
        database.exec(`pragma busy_timeout = ${waitMs}`);
        writeAhead(database, Date.now() + waitMs);
        database.exec('pragma synchronous = full');
        setUp(database);
      } catch (error) {
        database.close();
        throw error;
      }
      return database;
    });
}

/** Switches to a write-ahead log. This statement alone ignores the busy timeout, so it is tried again while the database is in use. */
function writeAhead(database: SqliteDatabase, untilMs: number): void {
  try {
    database.exec('pragma journal_mode = wal');
  } catch (error) {
    if (rowOf(error)['errcode'] !== busy || Date.now() >= untilMs) throw error;
    database.exec('begin exclusive; commit');
    writeAhead(database, untilMs);
  }
}

/** Closes, once, a database that was opened here; one that the application gave stays open. */
export function closerOf(where: string | SqliteDatabase, database: SqliteDatabase): () => void {
  let isOpen = typeof where === 'string';
  return () => {
    if (isOpen) {
      isOpen = false;
      database.close();
    }
  };
}
