import { untilAborted } from '@fhir-messaging/core';
import type { PostgresClient, PostgresConnection } from './postgres-pool.ts';

/** How long a rollback is waited for, which comes behind a statement that still runs; and then, how long for its cancellation. */
const patienceMs = 500;

/** A process whose transaction is younger is another session's, which was given the number anew. */
const cancelStatement = "select pg_cancel_backend(pid) from pg_stat_activity where pid = $1 and xact_start < now() - $2 * interval '1 ms'";

/**
 * Undoes a transaction and closes its connection: whoever was given it may send something yet, which is then in nobody else's transaction.
 *
 * A rollback that takes longer than half a second comes behind a statement that still runs, with its locks, in a session that the pool no longer
 * counts: that statement is cancelled, and the server undoes the transaction with the connection.
 */
export async function undo(client: PostgresConnection, pool: PostgresClient): Promise<void> {
  const patience = AbortSignal.timeout(patienceMs);
  // What is sent while the rollback goes on comes into the second transaction, which ends with the connection.
  await untilAborted(client.query('rollback; begin'), patience).catch(() => undefined);
  // Before the cancellation: nothing can be sent then behind the statement, and the pool has room for one more.
  client.release(true);
  if (patience.aborted) {
    await untilAborted(pool.query(cancelStatement, [client.processID, patienceMs]), AbortSignal.timeout(patienceMs)).catch(() => undefined);
  }
}
