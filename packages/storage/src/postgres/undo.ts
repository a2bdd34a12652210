import type { PostgresConnection } from './postgres-pool.ts';

/** Undoes a transaction and gives its connection back. One that cannot even undo is closed, which undoes. */
export async function undo(client: PostgresConnection): Promise<void> {
  const isUndone = await client.query('rollback').then(
    () => true,
    () => false,
  );
  client.release(!isUndone);
}
