import { untilAborted } from '@fhir-messaging/core';
import type { PostgresConnection } from './postgres-pool.ts';

/** How long a rollback is waited for, which comes behind a statement that still runs. */
const patienceMs = 500;

/**
 * Undoes a transaction and closes its connection: whoever was given it may send something yet, which is then in nobody else's transaction.
 *
 * A rollback that takes longer than half a second is left to the server: it undoes the transaction with the connection, as soon as the statement that still runs is over.
 */
export async function undo(client: PostgresConnection): Promise<void> {
  // What is sent while the rollback goes on comes into the second transaction, which ends with the connection.
  await untilAborted(client.query('rollback; begin'), AbortSignal.timeout(patienceMs)).catch(() => undefined);
  client.release(true);
}
