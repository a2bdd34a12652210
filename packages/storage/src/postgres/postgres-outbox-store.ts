import type { OutboxStore } from '@fhir-messaging/core';
import { listeners } from '../listeners.ts';
import { addedValues, changedValues, filterOf, fullOutboxRecordOf, heldValues, inOrder, outboxRecordOf } from '../outbox-row.ts';
import { outboxStatements } from '../outbox-statements.ts';
import { rowOf, text } from '../row.ts';
import { entryLost } from '../storage-failure.ts';
import { asPostgresFailure } from './as-postgres-failure.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { postgresDurability } from './postgres-durability.ts';
import type { NamedStatement, PostgresClient, PostgresPool, PostgresResult } from './postgres-pool.ts';
import { requireOutboxVersion } from './postgres-tables.ts';
import { runStatement } from './run-statement.ts';

const statements = outboxStatements(postgresDialect);

/** A claim as a named statement, planned once for each connection: planning a claim takes longer than claiming. */
const claimOf = (limit: number): NamedStatement => ({ name: `fhir_outbox_claim_${limit}`, text: statements.claim(limit) });
const named = (name: 'add' | 'update' | 'renew' | 'remove' | 'get'): NamedStatement => ({ name: `fhir_outbox_${name}`, text: statements[name] });

/**
 * Keeps the messages that an outbox has to send in PostgreSQL, for any number of workers. Its table has to be there: `createPostgresTables`.
 *
 * Each method is one statement or two, and holds no connection longer. A worker skips entries that another is claiming just now (`for update skip
 * locked`). The statements that each message needs are prepared under names, which PgBouncer's transaction mode takes from version 1.21 on. All times
 * are those of the database. Subscribers hear of this handle's changes.
 *
 * An entry may be added in the application's own transaction, whose client is the second argument of `add` and `get`: the entry is there for others
 * when that commits.
 * Until then others that add entries of the same key wait, so that entries are in the order of the commits. Do not wait, before the commit, for an
 * entry of that key that is added beside the transaction: that waits for ever, unless `lock_timeout` ends it (`storage.unavailable`). Add several
 * entries in one transaction in the same order of keys everywhere, since PostgreSQL ends one of two transactions that wait for each other.
 *
 * @param pool - `pg`'s.
 * @throws {MessagingError} Methods reject with `storage.unavailable`, which tells PostgreSQL's code.
 * @example createOutbox({ store: postgresOutboxStore(new Pool({ connectionString })), messenger, account })
 */
export function postgresOutboxStore<TClient extends PostgresClient = PostgresClient>(pool: PostgresPool): OutboxStore<TClient> {
  const heard = listeners();
  const told = <T>(result: T): T => {
    heard.tell();
    return result;
  };
  let isKnown = false;

  const query = async (statement: string | NamedStatement, values: unknown[], client: PostgresClient = pool): Promise<PostgresResult> => {
    // Each caller asks by its own client until one has heard: a transaction that is aborted or busy is no concern of others.
    if (!isKnown) {
      await requireOutboxVersion(client).catch((error: unknown) => {
        throw asPostgresFailure(error);
      });
      isKnown = true;
    }
    return runStatement(client, statement, values);
  };

  return Object.freeze<OutboxStore<TClient>>({
    durability: () => postgresDurability(pool).catch(() => 'none'),
    async add(entry, client) {
      const { rows } = await query(named('add'), addedValues(entry), client);
      return told(outboxRecordOf(rows[0]));
    },
    async claim({ account, limit, leaseMs }) {
      const { rows } = await query(claimOf(limit), [account, leaseMs]);
      return rows.length > 0 ? told(inOrder(rows)) : [];
    },
    async update(hold, change) {
      const { rows } = await query(named('update'), changedValues(hold, change));
      return told(outboxRecordOf(rows[0]) ?? entryLost());
    },
    async renew(hold, leaseMs) {
      const { rowCount } = await query(named('renew'), [...heldValues(hold), leaseMs]);
      if (rowCount === 0) entryLost();
    },
    async remove(hold) {
      const { rowCount } = await query(named('remove'), heldValues(hold));
      const { rows } = rowCount === 0 ? await query(named('get'), [hold.id]) : { rows: [] };
      told(rows.length > 0 && entryLost());
    },
    async get(id, client) {
      const { rows } = await query(named('get'), [id], client);
      return fullOutboxRecordOf(rows[0]);
    },
    async list(filter = {}) {
      const { columns, values } = filterOf(filter);
      const found = await query(statements.list(columns), values);
      const unreadable = await query(statements.unreadable, []);
      return { records: found.rows.flatMap((row) => outboxRecordOf(row) ?? []), unreadable: unreadable.rows.map((row) => text(rowOf(row)['id'])) };
    },
    subscribe: heard.subscribe,
  });
}
