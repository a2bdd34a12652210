import type { PostgresConnection } from './postgres-pool.ts';

/** Undoes a transaction and closes its connection: whoever was given it may send something yet, which is then in nobody else's transaction. */
export async function undo(client: PostgresConnection): Promise<void> {
  // What is sent while the rollback goes on comes into the second transaction, which ends with the connection.
  await client.query('rollback; begin').catch(() => undefined);
  client.release(true);
}
