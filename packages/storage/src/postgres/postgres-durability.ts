import type { OutboxDurability } from '@fhir-messaging/core';
import { rowOf } from '../row.ts';
import type { PostgresClient } from './postgres-pool.ts';

/** How safe a commit is here, by the settings of the server and this connection; writes something to find out. */
export async function postgresDurability(client: PostgresClient): Promise<OutboxDurability> {
  await client.query("update fhir_storage_version set version = version where part = 'outbox'");
  const { rows } = await client.query("select current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off' as is_synced");
  return rowOf(rows[0])['is_synced'] === true ? 'durable' : 'ephemeral';
}
