import { asPostgresFailure } from './as-postgres-failure.ts';
import type { NamedStatement, PostgresClient, PostgresResult } from './postgres-pool.ts';

/** Runs a statement. @throws {MessagingError} `storage.unavailable` with PostgreSQL's code, and nothing of a row. */
export async function runStatement(client: PostgresClient, statement: string | NamedStatement, values?: unknown[]): Promise<PostgresResult> {
  try {
    return await client.query(statement, values);
  } catch (error) {
    throw asPostgresFailure(error);
  }
}
