import { asPostgresFailure } from './as-postgres-failure.ts';
import type { PostgresConnection, PostgresPool } from './postgres-pool.ts';

/** A connection out of a pool. @throws {MessagingError} `storage.unavailable` with the driver's code, where there is none. */
export async function connected<TConnection extends PostgresConnection>(pool: PostgresPool<TConnection>): Promise<TConnection> {
  try {
    return await pool.connect();
  } catch (error) {
    throw asPostgresFailure(error);
  }
}
