import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';

/** A schema of its own on a server, with a pool on it. */
export interface PostgresSchema {
  readonly pool: Pool;
  /** Leads to this schema, in another process too. */
  readonly url: string;
  drop(): Promise<void>;
}

/** @param isDurable - whether a commit is on the disk when it returns: slower, and what an outbox is for. */
export async function freshSchema(server: string, { isDurable = false } = {}): Promise<PostgresSchema> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(server);
  url.searchParams.set('options', `-c search_path=${name} -c synchronous_commit=${isDurable ? 'on' : 'off'}`);
  const pool = new Pool({ connectionString: url.href, max: 20 });
  await pool.query(`create schema ${name}`);
  return {
    pool,
    url: url.href,
    async drop() {
      await pool.query(`drop schema ${name} cascade`);
      await pool.end();
    },
  };
}
