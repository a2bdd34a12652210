import type { PostgresConnection } from './postgres-pool.ts';

/** Undoes a transaction and gives its connection back. A connection that cannot roll back is closed, which undoes the transaction too. */
export async function undo(client: PostgresConnection): Promise<void> {
  const isUndone = await client.query('rollback').then(
    () => true,
    () => false,
  );
  client.release(!isUndone);
}
