import type { PendingStore } from '@fhir-messaging/core';
import { idsOf, pendingRecordOf, storedId, storedMessageId } from '../pending-row.ts';
import { rowOf } from '../row.ts';
import { inTransaction } from './in-transaction.ts';
import { soon } from './soon.ts';
import { closerOf, databaseOpener } from './sqlite-database.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** A pending store in a SQLite database. */
export interface SqlitePendingStore extends PendingStore {
  /** Closes the database, where the store opened it. */
  close(): void;
}

/** The tables of a pending store: one row for each request, and one for each id of its attempts, by which it is found. */
const tables = `
  create table if not exists fhir_pending_request (
    key text primary key,
    release text not null,
    event text not null,
    destinations text not null,
    bytes blob not null,
    attempts integer not null,
    sent_at_ms real not null,
    deadline_ms real not null,
    keep_until_ms real not null,
    replies text not null
  );
  create index if not exists fhir_pending_request_expiry on fhir_pending_request (keep_until_ms);
  create table if not exists fhir_pending_id (
    number integer primary key autoincrement,
    key text not null,
    id text not null,
    value text not null,
    unique (key, id)
  );
  create index if not exists fhir_pending_id_value on fhir_pending_id (value);
`;

/**
 * Keeps a messenger's requests whose replies come later in a SQLite database, for the processes of one machine that share its file.
 *
 * Its tables are created at once. Times are those of the messenger.
 *
 * @param where - a path, which is opened with a write-ahead log; `:memory:`; or a `DatabaseSync` that nobody begins transactions on across an
 * `await`.
 * @throws {MessagingError} `platform.unsupported` where a path is given and there is no `node:sqlite`: before Node 22.13; `storage.unavailable` where
 * the database cannot be opened, or takes no table. Methods reject with that too.
 * @example createMessenger({ transport, pending: sqlitePendingStore('requests.db') })
 */
export function sqlitePendingStore(where: string | SqliteDatabase): SqlitePendingStore {
  const database = databaseOpener(where, (opened) => opened.exec(tables))();
  const remember = database.prepare(`insert into fhir_pending_request
      (key, release, event, destinations, bytes, attempts, sent_at_ms, deadline_ms, keep_until_ms, replies)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, '[]')
    on conflict (key) do update set (release, event, destinations, bytes, attempts, sent_at_ms, deadline_ms, keep_until_ms) =
      (excluded.release, excluded.event, excluded.destinations, excluded.bytes, excluded.attempts, excluded.sent_at_ms, excluded.deadline_ms, excluded.keep_until_ms)`);
  const addId = database.prepare('insert into fhir_pending_id (key, id, value) values (?, ?, ?) on conflict do nothing');
  const find = database.prepare(`select *,
      (select json_group_array(id) from (select id from fhir_pending_id where key = request.key order by number)) as ids
    from fhir_pending_request as request where key in (select key from fhir_pending_id where value = ?) order by sent_at_ms`);
  const repliesOf = database.prepare('select replies from fhir_pending_request where key = ?');
  const setReplies = database.prepare('update fhir_pending_request set replies = ?2 where key = ?1');
  const forgetIds = database.prepare('delete from fhir_pending_id where key in (select key from fhir_pending_request where keep_until_ms < ?)');
  const forget = database.prepare('delete from fhir_pending_request where keep_until_ms < ?');

  return Object.freeze<SqlitePendingStore>({
    put: (request) =>
      soon(() => {
        const { ids, release, event, bytes, attempts, sentAtMs, deadlineMs, keepUntilMs } = request;
        const key = storedId(request.key);
        inTransaction(database, () => {
          remember.run(key, release, event, JSON.stringify(request.destinations), bytes, attempts, sentAtMs, deadlineMs, keepUntilMs);
          for (const id of ids) addId.run(key, storedMessageId(id), storedId(id.value));
        });
      }),
    find: (id) => soon(() => find.all(storedId(id)).map(pendingRecordOf)),
    settle: (key, replyId) =>
      soon(() =>
        inTransaction(database, () => {
          const row = repliesOf.get(storedId(key));
          if (row === undefined) {
            return undefined;
          }
          const earlier = idsOf(rowOf(row)['replies']);
          if (!earlier.includes(replyId)) setReplies.run(storedId(key), JSON.stringify([...earlier, replyId].map(storedId)));
          return earlier;
        }),
      ),
    expire: (nowMs) =>
      soon(() =>
        inTransaction(database, () => {
          forgetIds.run(nowMs);
          forget.run(nowMs);
        }),
      ),
    close: closerOf(where, database),
  });
}
