import { MessagingError } from '@fhir-messaging/core';
import type { CachedOutcome, CacheWork } from '@fhir-messaging/core';
import { connected } from './connected.ts';
import type { PostgresClient, PostgresConnection, PostgresPool } from './postgres-pool.ts';
import { runStatement } from './run-statement.ts';
import { undo } from './undo.ts';

/**
 * Gives a client in the transaction that stores the outcome, the same at each call. A handler that throws, or says `transient-error`, has its
 * effects undone. The handler neither begins nor ends the transaction.
 *
 * The client is the handler's only until it ends: await everything that uses it. A failed handler's connection is closed, so that what it sends later
 * is kept by nobody. That of any other goes back to the pool, where a statement sent later may be in the transaction of another message.
 *
 * The connection is held until the handler ends: call it late. After that it rejects with `closed`; where the pool gives no connection, with
 * `storage.unavailable`.
 *
 * @example async ({ payload, transaction }) => { const client = await transaction(); await client.query('insert into patient values ($1)', [id]); }
 */
export type PostgresTransaction<TClient extends PostgresClient = PostgresClient> = () => Promise<TClient>;

/** One run of a handler; a connection is taken when the handler asks for it. */
export function postgresWork<TConnection extends PostgresConnection>(
  pool: PostgresPool<TConnection>,
  complete: (client: PostgresClient, outcome: CachedOutcome) => Promise<boolean>,
  release: () => Promise<void>,
): CacheWork<PostgresTransaction<TConnection>> {
  let begun: Promise<TConnection> | undefined;
  let isOver = false;

  // The next statement tells of a connection that is lost while the handler does something else.
  const ignore = (): void => undefined;
  const begin = async (): Promise<TConnection> => {
    const client = await connected(pool);
    client.on?.('error', ignore);
    try {
      await runStatement(client, 'begin');
      return client;
    } catch (error) {
      client.off?.('error', ignore);
      client.release(true);
      throw error;
    }
  };
  const undoOn = async (client: TConnection): Promise<void> => {
    // After the rollback: a session that the server ended tells of it, and then of the closed socket.
    await undo(client, pool);
    client.off?.('error', ignore);
  };
  const store = async (client: TConnection, outcome: CachedOutcome): Promise<boolean> => {
    try {
      const isHeld = await complete(client, outcome);
      await runStatement(client, isHeld ? 'commit' : 'rollback');
      client.off?.('error', ignore);
      client.release();
      return isHeld;
    } catch (error) {
      await undoOn(client);
      throw error;
    }
  };
  return {
    transaction() {
      if (isOver) {
        return Promise.reject(new MessagingError('closed', 'The transaction is over: the outcome of the message is stored, or nothing.'));
      }
      begun ??= begin();
      return begun;
    },
    async commit(outcome) {
      isOver = true;
      try {
        return await (begun === undefined ? complete(pool, outcome) : store(await begun, outcome));
      } catch (error) {
        await release().catch(() => undefined);
        throw error;
      }
    },
    async rollback() {
      isOver = true;
      const client = await begun?.catch(() => undefined);
      if (client !== undefined) {
        await undoOn(client);
      }
    },
  };
}
