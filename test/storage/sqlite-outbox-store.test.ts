import { sqliteOutboxStore } from '@fhir-messaging/storage/sqlite';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { entryOf, facts, outboxStoreContract } from '../outbox/outbox-store-contract.ts';
import { outboxAtRest } from './outbox-at-rest.ts';

const claiming = { account: entryOf('').account, limit: 10, leaseMs: 30_000 };

/** Time passes by moving what is kept into the past: the clock is the database's. */
const pass = (database: DatabaseSync, ms: number): void => {
  database.exec(`update fhir_outbox set due_at = due_at - ${ms}, leased_until = leased_until - ${ms}`);
};
const corrupt = (database: DatabaseSync, id: string): void => {
  database.prepare('update fhir_outbox set facts = substr(facts, 1, 20) where id = ?').run(id);
};

outboxStoreContract('sqliteOutboxStore in a file, opened twice', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-outbox-'));
  const path = join(folder, 'outbox.db');
  const [store, elsewhere] = [sqliteOutboxStore(path), sqliteOutboxStore(path)];
  const database = new DatabaseSync(path);
  return {
    store,
    elsewhere,
    pass: (ms) => pass(database, ms),
    corrupt: (id) => corrupt(database, id),
    stop: () => {
      store.close();
      elsewhere.close();
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
});

outboxStoreContract("sqliteOutboxStore in memory, on the application's own database", () => {
  const database = new DatabaseSync(':memory:');
  return { store: sqliteOutboxStore(database), elsewhere: sqliteOutboxStore(database), pass: (ms) => pass(database, ms), corrupt: (id) => corrupt(database, id), stop: () => database.close() };
});

outboxAtRest('SQLite', () => {
  const path = mkdtempSync(join(tmpdir(), 'sqlite-outbox-'));
  const store = sqliteOutboxStore(join(path, 'outbox.db'));
  const own = (run: (database: DatabaseSync) => void): void => {
    const database = new DatabaseSync(join(path, 'outbox.db'));
    run(database);
    database.close();
  };
  return {
    store,
    isOnDisk: (text) => readdirSync(path).some((file) => readFileSync(join(path, file)).includes(text)),
    corrupt: (id) => own((database) => corrupt(database, id)),
    makeDue: () => own((database) => database.exec('update fhir_outbox set due_at = 0 where due_at is not null')),
    stop: () => {
      store.close();
      rmSync(path, { recursive: true });
    },
  };
});

/** A folder that is gone with the test. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sqlite-outbox-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe('sqliteOutboxStore', () => {
  it('is durable in a file, ephemeral in memory', async () => {
    const [file, memory] = [sqliteOutboxStore(join(folder(), 'outbox.db')), sqliteOutboxStore(':memory:')];

    expect(await file.durability()).toBe('durable');
    expect(await memory.durability()).toBe('ephemeral');
    file.close();
    memory.close();
  });

  it.each([
    ['synchronous = full', 'durable'],
    ['synchronous = normal', 'ephemeral'],
    ['journal_mode = memory', 'ephemeral'],
  ])('on a database of the application with %s is %s, and leaves it open', async (setting, durability) => {
    const database = new DatabaseSync(join(folder(), 'own.db'));
    database.exec(`pragma ${setting}`);
    const store = sqliteOutboxStore(database);

    expect(await store.durability()).toBe(durability);
    store.close();
    expect(database.isOpen).toBe(true);
    await expect(store.list()).rejects.toMatchObject({ code: 'closed' });
    database.close();
  });

  it('answers platform.unsupported where there is no node:sqlite, but to a database of the application', () => {
    const lookUp = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
    onTestFinished(() => lookUp.mockRestore());

    expect(() => sqliteOutboxStore(':memory:')).toThrow(expect.objectContaining({ code: 'platform.unsupported' }));
    expect(() => sqliteOutboxStore(new DatabaseSync(':memory:'))).not.toThrow();
  });

  it('outlives its process: what one kept, another opened on the same file has', async () => {
    const path = join(folder(), 'outbox.db');
    const first = sqliteOutboxStore(path);
    await first.add(entryOf('m'));
    first.close();
    const second = sqliteOutboxStore(path);

    expect((await second.claim(claiming)).map(({ id }) => id)).toEqual(['m']);
    second.close();
  });

  it('that cannot be opened rejects with storage.unavailable, has no durability, and works once it can', async () => {
    const inside = join(folder(), 'later');
    const store = sqliteOutboxStore(join(inside, 'outbox.db'));
    expect(await store.durability()).toBe('none');
    await expect(store.add(entryOf('m'))).rejects.toMatchObject({ code: 'storage.unavailable', message: 'SQLite cannot keep it: unable to open database file.' });

    mkdirSync(inside);
    expect(await store.add(entryOf('m'))).toMatchObject({ id: 'm' });
    store.close();
  });

  it('on a disk that is full keeps nothing that it did not promise; what it has is claimed, sent and finished', async () => {
    const database = new DatabaseSync(join(folder(), 'own.db'));
    const store = sqliteOutboxStore(database);
    const bytes = new Uint8Array(100_000);
    await store.add(entryOf('a', { key: 'k' }));
    await store.add(entryOf('b', { key: 'k' }));
    const { page_count: pages } = database.prepare('pragma page_count').get() as { page_count: number };
    database.exec(`pragma max_page_count = ${pages}`);

    await expect(store.add(entryOf('m', { content: { bytes, sealedWith: undefined } }))).rejects.toMatchObject({
      code: 'storage.unavailable',
      message: 'SQLite cannot keep it: database or disk is full.',
    });
    expect(await store.get('m')).toBeUndefined();
    for (const id of ['a', 'b']) {
      const [record, ...others] = await store.claim(claiming);
      expect([record?.id, others]).toEqual([id, []]);
      await store.update(record!, { facts: { ...facts, state: 'replied' }, isFinished: true, dueInMs: undefined });
    }
    database.exec('pragma max_page_count = 1000000');
    expect(await store.add(entryOf('m', { content: { bytes, sealedWith: undefined } }))).toMatchObject({ id: 'm' });
    database.close();
  });

  it('promises nothing that SQLite does not commit: the statement is done by then, and only its end tells', async () => {
    const database = new DatabaseSync(':memory:');
    const store = sqliteOutboxStore(database);
    await store.add(entryOf('m'));
    database.exec(`create table ward (id text primary key);
      create table audit (ward text references ward deferrable initially deferred);
      create trigger added after insert on fhir_outbox begin insert into audit values ('nowhere'); end;
      create trigger changed after update on fhir_outbox begin insert into audit values ('nowhere'); end`);

    await expect(store.add(entryOf('n'))).rejects.toMatchObject({ code: 'storage.unavailable' });
    await expect(store.update({ id: 'm', fence: 0 }, { facts: { ...facts, state: 'replied' }, isFinished: true, dueInMs: undefined })).rejects.toMatchObject({ code: 'storage.unavailable' });
    const { records } = await store.list();
    expect(records.map(({ id, facts: { state } }) => [id, state])).toEqual([['m', 'pending']]);
    database.close();
  });

  it('of a later version refuses everything with storage.unavailable, and changes nothing', async () => {
    const path = join(folder(), 'outbox.db');
    const early = sqliteOutboxStore(path);
    await early.add(entryOf('m'));
    early.close();
    const database = new DatabaseSync(path);
    database.exec('update fhir_storage_version set version = 1000');
    const before = database.prepare('select * from fhir_outbox').all();
    const store = sqliteOutboxStore(path);

    for (const refused of [store.claim(claiming), store.remove({ id: 'm', fence: 0 }), store.add(entryOf('n'))]) {
      await expect(refused).rejects.toMatchObject({ code: 'storage.unavailable', message: 'SQLite cannot keep it: its tables are of version 1000, and this knows no later one than 1.' });
    }
    expect(await store.durability()).toBe('none');
    expect(database.prepare('select * from fhir_outbox').all()).toEqual(before);
    database.close();
    store.close();
  });

  describe("an application's own change, together with an entry", () => {
    const open = () => {
      const database = new DatabaseSync(':memory:');
      database.exec('create table referral (id text not null)');
      const referrals = (): unknown[] => database.prepare('select id from referral').all().map(({ id }) => id);
      return { database, store: sqliteOutboxStore(database), referrals };
    };
    const refer = (database: DatabaseSync): void => void database.prepare("insert into referral values ('r')").run();

    it('is committed with it, once', async () => {
      const { store, referrals } = open();

      expect(await store.add(entryOf('m'), refer)).toMatchObject({ id: 'm' });
      expect(await store.add(entryOf('m'), refer)).toBeUndefined();
      expect(referrals()).toEqual(['r']);
    });

    it('that throws leaves neither', async () => {
      const { store, referrals } = open();
      const failing = (database: DatabaseSync): never => {
        refer(database);
        throw new RangeError('of the application');
      };

      await expect(store.add(entryOf('m'), failing)).rejects.toThrow(RangeError);
      expect([await store.get('m'), referrals()]).toEqual([undefined, []]);
    });

    it("that SQLite turns down is the application's own error, and not one of the storage", async () => {
      const { database, store, referrals } = open();
      database.exec('create unique index one on referral (id)');
      await store.add(entryOf('m'), refer);

      await expect(store.add(entryOf('n'), refer)).rejects.toMatchObject({ code: 'ERR_SQLITE_ERROR', errstr: 'constraint failed' });
      expect([await store.get('n'), referrals()]).toEqual([undefined, ['r']]);
    });

    it('that goes on after it returned is refused', async () => {
      const { store } = open();
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what the compiler lets pass is refused when it runs
      await expect(store.add(entryOf('m'), async () => Promise.resolve())).rejects.toThrow('the function is synchronous');

      expect(await store.get('m')).toBeUndefined();
    });
  });

  it('takes an entry that somebody repaired as it takes any other', async () => {
    const database = new DatabaseSync(':memory:');
    const store = sqliteOutboxStore(database);
    await store.add(entryOf('m'));
    corrupt(database, 'm');
    expect(await store.claim(claiming)).toEqual([]);

    database.prepare('update fhir_outbox set facts = ?').run(JSON.stringify(facts));
    expect((await store.claim(claiming)).map(({ id }) => id)).toEqual(['m']);
  });
});
