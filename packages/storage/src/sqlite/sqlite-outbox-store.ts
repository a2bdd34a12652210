import type { OutboxRecord, OutboxStore } from '@fhir-messaging/core';
import { listeners } from '../listeners.ts';
import { addedValues, changedValues, filterOf, fullOutboxRecordOf, heldValues, inOrder, outboxRecordOf } from '../outbox-row.ts';
import { outboxStatements, outboxSteps } from '../outbox-statements.ts';
import { rowOf, text } from '../row.ts';
import { entryLost } from '../storage-failure.ts';
import { inTransaction, runAtOnce } from './in-transaction.ts';
import { migrateSqlite } from './migrate-sqlite.ts';
import { onSqlite } from './on-sqlite.ts';
import { openedOnUse } from './opened-on-use.ts';
import { changed } from './sqlite-database.ts';
import type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { sqliteDurability } from './sqlite-durability.ts';

const statements = outboxStatements(sqliteDialect);
const steps = outboxSteps(sqliteDialect);

/**
 * An application's function that changes its data together with an entry: it runs synchronously in the transaction that adds the entry. Where it
 * throws, there is no entry, and `add` rejects with its error. It does not run where the entry is there already.
 */
export type SqliteEffect<TDatabase extends SqliteDatabase = SqliteDatabase> = (database: TDatabase) => void;

/** An outbox store in a SQLite database. */
export interface SqliteOutboxStore<TDatabase extends SqliteDatabase = SqliteDatabase> extends OutboxStore<SqliteEffect<TDatabase>> {
  /** Closes the database, where the store opened it. */
  close(): void;
}

/**
 * Keeps the messages that an outbox has to send in a SQLite database, for the processes of one machine that share its file.
 *
 * The database is opened, and its table created, on first use; a path is opened with a write-ahead log that is on the disk when a message counts
 * as queued. All times are those of the database. Subscribers hear of this handle's changes.
 *
 * @param where - a path, `:memory:`, or a `DatabaseSync` that nobody begins transactions on across an `await`. One of your own is `durable` with
 * `pragma synchronous = full`, and `ephemeral` with less.
 * @throws {MessagingError} `platform.unsupported` where a path is given and there is no `node:sqlite`: before Node 22.13. Methods reject with
 * `storage.unavailable`.
 * @example createOutbox({ store: sqliteOutboxStore('outbox.db'), messenger, account })
 */
export function sqliteOutboxStore(where: string): SqliteOutboxStore;
export function sqliteOutboxStore<TDatabase extends SqliteDatabase>(where: TDatabase): SqliteOutboxStore<TDatabase>;
export function sqliteOutboxStore(where: string | SqliteDatabase): SqliteOutboxStore {
  const { use, close } = openedOnUse(where, (database) => migrateSqlite(database, 'outbox', steps));
  const heard = listeners();
  const told = <T>(result: T): T => {
    heard.tell();
    return result;
  };

  return Object.freeze<SqliteOutboxStore>({
    durability: () => use(({ database }) => sqliteDurability(database)).catch(() => 'none'),
    async add(entry, effect) {
      const { database, statement } = await use((open) => open);
      const add = (): OutboxRecord | undefined => onSqlite(() => outboxRecordOf(committed(statement(statements.add), addedValues(entry))));
      const addWith = (run: SqliteEffect): OutboxRecord | undefined => {
        const added = add();
        // Outside `onSqlite`: an error of the application's own function is no failure of the storage.
        if (added) runAtOnce(run, database);
        return added;
      };
      return told(effect === undefined ? add() : inTransaction(database, () => addWith(effect)));
    },
    async claim({ account, limit, leaseMs }) {
      const records = await use(({ statement }) => inOrder(statement(statements.claim(limit)).all(account, leaseMs)));
      return records.length > 0 ? told(records) : records;
    },
    async update(hold, change) {
      const row = await use(({ statement }) => committed(statement(statements.update), changedValues(hold, change)));
      return told(outboxRecordOf(row) ?? entryLost());
    },
    async renew(hold, leaseMs) {
      if (!(await use(({ statement }) => changed(statement(statements.renew).run(...heldValues(hold), leaseMs))))) entryLost();
    },
    async remove(hold) {
      const isThere = await use(({ statement }) => !changed(statement(statements.remove).run(...heldValues(hold))) && statement(statements.get).get(hold.id) !== undefined);
      told(isThere && entryLost());
    },
    get: (id) => use(({ statement }) => fullOutboxRecordOf(statement(statements.get).get(id))),
    list: (filter = {}) =>
      use(({ statement }) => {
        const { columns, values } = filterOf(filter);
        const records = statement(statements.list(columns)).all(...values).flatMap((row) => outboxRecordOf(row) ?? []);
        return { records, unreadable: statement(statements.unreadable).all().map((row) => text(rowOf(row)['id'])) };
      }),
    subscribe: heard.subscribe,
    close,
  });
}

/** The row that a statement wrote. The result is read to its end: a reader that stops at the row is not told that the commit after it failed. */
function committed(statement: SqliteStatement, values: SqliteValue[]): unknown {
  return statement.all(...values)[0];
}
