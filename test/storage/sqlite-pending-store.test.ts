import { sqlitePendingStore } from '@fhir-messaging/storage/sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { first, pendingStoreContract, requestOf } from '../exchange/pending-store-contract.ts';

pendingStoreContract('sqlitePendingStore in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-pending-'));
  const path = join(folder, 'requests.db');
  const opened = [sqlitePendingStore(path)];
  return Promise.resolve({
    store: opened[0]!,
    reopen: () => {
      opened.shift()?.close();
      opened.push(sqlitePendingStore(path));
      return Promise.resolve(opened[0]!);
    },
    stop: () => {
      opened.forEach((store) => store.close());
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  });
});

pendingStoreContract("sqlitePendingStore in memory, on the application's own database", () => {
  const database = new DatabaseSync(':memory:');
  return Promise.resolve({
    store: sqlitePendingStore(database),
    reopen: () => Promise.resolve(sqlitePendingStore(database)),
    stop: () => Promise.resolve(database.close()),
  });
});

describe('sqlitePendingStore', () => {
  it('leaves a database open that it did not open', () => {
    const database = new DatabaseSync(':memory:');
    sqlitePendingStore(database).close();

    expect(database.isOpen).toBe(true);
  });

  it('keeps nothing of a request that it cannot keep whole', async () => {
    const database = new DatabaseSync(':memory:');
    const store = sqlitePendingStore(database);
    database.exec("create trigger fault before insert on fhir_pending_id begin select raise(abort, 'disk full'); end");

    await expect(store.put(requestOf())).rejects.toMatchObject({ code: 'storage.unavailable', message: 'SQLite cannot keep it: constraint failed.' });
    expect(await store.settle(first, 'r')).toBeUndefined();
  });

  it('forgets the ids of a request with it, in a database that checks no foreign keys too', async () => {
    const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: false });
    const store = sqlitePendingStore(database);
    await store.put(requestOf({ keepUntilMs: 2 }));
    await store.expire(3);

    expect(database.prepare('select * from fhir_pending_id').all()).toEqual([]);
  });
});
