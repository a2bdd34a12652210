import type { PendingStore } from '@fhir-messaging/core';
import { idsOf, pendingRecordOf, storedId, storedMessageId } from '../pending-row.ts';
import { rowOf } from '../row.ts';
import type { PostgresPool } from './postgres-pool.ts';
import { runStatement } from './run-statement.ts';

const put = `with request as (
    insert into fhir_pending_request (key, release, event, destinations, bytes, attempts, sent_at_ms, deadline_ms, keep_until_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (key) do update set (release, event, destinations, bytes, attempts, sent_at_ms, deadline_ms, keep_until_ms) =
      (excluded.release, excluded.event, excluded.destinations, excluded.bytes, excluded.attempts, excluded.sent_at_ms, excluded.deadline_ms, excluded.keep_until_ms)
    returning key
  )
  insert into fhir_pending_id (key, id, value)
  select request.key, each.id, each.value from request, unnest($10::text[], $11::text[]) as each (id, value)
  on conflict do nothing`;

const find = `select *,
    (select json_agg(id order by number) from fhir_pending_id where key = request.key)::text as ids, array_to_json(replies)::text as replies
  from fhir_pending_request as request where key in (select key from fhir_pending_id where value = $1) order by sent_at_ms`;

// The row is locked before it is read: the second of two statements at once reads what the first wrote.
const settle = `update fhir_pending_request as request
  set replies = case when $2 = any(before.replies) then before.replies else before.replies || $2::text end
  from (select key, replies from fhir_pending_request where key = $1 for update) as before
  where request.key = before.key
  returning array_to_json(before.replies)::text as earlier`;

const expire = 'delete from fhir_pending_request where keep_until_ms < $1';

/**
 * Keeps a messenger's requests whose replies come later in PostgreSQL, for any number of processes. Its tables have to be there:
 * `createPostgresTables`.
 *
 * Each method is one statement, and holds no connection longer. Times are those of the messenger.
 *
 * @throws {MessagingError} Methods reject with `storage.unavailable`, which tells PostgreSQL's code.
 * @param pool - `pg`'s.
 * @example createMessenger({ transport, pending: postgresPendingStore(new Pool({ connectionString })) })
 */
export function postgresPendingStore(pool: PostgresPool): PendingStore {
  return Object.freeze<PendingStore>({
    async put({ key, ids, release, event, destinations, bytes, attempts, sentAtMs, deadlineMs, keepUntilMs }) {
      const request = [storedId(key), release, event, JSON.stringify(destinations), bytes, attempts, sentAtMs, deadlineMs, keepUntilMs];
      await runStatement(pool, put, [...request, ids.map(storedMessageId), ids.map(({ value }) => storedId(value))]);
    },
    async find(id) {
      const { rows } = await runStatement(pool, find, [storedId(id)]);
      return rows.map(pendingRecordOf);
    },
    async settle(key, replyId) {
      const { rows } = await runStatement(pool, settle, [storedId(key), storedId(replyId)]);
      return rows.length === 0 ? undefined : idsOf(rowOf(rows[0])['earlier']);
    },
    async expire(nowMs) {
      await runStatement(pool, expire, [nowMs]);
    },
  });
}
