import { MessagingError } from '@fhir-messaging/core';
import { rowOf } from '../row.ts';
import { onSqlite } from './on-sqlite.ts';

/** What a statement takes for its parameters. */
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

/** How long another's writing is waited for. */
const waitMs = 5_000;

/** What SQLite says where it waits for nobody. */
const busy = 5;

/** Whether a statement changed anything. */
export function changed({ changes }: { readonly changes: number | bigint }): boolean {
  return Number(changes) > 0;
}

/**
 * Gives what opens a database file, or `:memory:`, for several processes at once: a write-ahead log that is on the disk when a statement has
 * ended, and five seconds of waiting for another's writing.
 *
 * @throws {MessagingError} `platform.unsupported` where there is no `node:sqlite`: before Node 22.13; by what it gives, `storage.unavailable` where the file
 * cannot be opened.
 */
export function databaseOpener(): (path: string) => SqliteDatabase {
  // Not imported, so that this loads on a Node that does not have it, and in a bundle.
  const sqlite = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:sqlite');
  if (sqlite === undefined) {
    throw new MessagingError('platform.unsupported', 'There is no node:sqlite here. It comes with Node 22.13 and later.');
  }
  return (path) =>
    onSqlite(() => {
      const database = new sqlite.DatabaseSync(path);
      database.exec(`pragma busy_timeout = ${waitMs}`);
      writeAhead(database, Date.now() + waitMs);
      database.exec('pragma synchronous = full');
      return database;
    });
}

/** Switches to a write-ahead log. This one statement ignores the busy timeout: where the database is in use, this waits until it is free, and tries again. */
function writeAhead(database: SqliteDatabase, untilMs: number): void {
  try {
    database.exec('pragma journal_mode = wal');
  } catch (error) {
    if (rowOf(error)['errcode'] !== busy || Date.now() >= untilMs) throw error;
    database.exec('begin exclusive; commit');
    writeAhead(database, untilMs);
  }
}

/** Opens a database at once, as {@link databaseOpener} does. */
export function openDatabase(path: string): SqliteDatabase {
  return databaseOpener()(path);
}
