import type { CacheClaim, CachedOutcome } from '@fhir-messaging/core';
import { sqliteCache, sqliteOutboxStore, sqlitePendingStore } from '@fhir-messaging/storage/sqlite';
import { postgresCache } from '@fhir-messaging/storage/postgres';
import type { SqliteTransaction } from '@fhir-messaging/storage/sqlite';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { reliableCacheContract } from './reliable-cache-contract.ts';
import type { CacheUnderTest } from './reliable-cache-contract.ts';

const options = { ttlMinutes: 60 };
type Effects = NonNullable<CacheUnderTest<SqliteTransaction>['effects']>;

/** Time passes by moving what is kept into the past: the clock is the database's. */
const pass = (database: DatabaseSync, ms: number): void => {
  database.exec(`update fhir_reliable_cache set leased_until = leased_until - ${ms}, expires_at = expires_at - ${ms}, custody_until = custody_until - ${ms}`);
};

function effectsIn(database: DatabaseSync): Effects {
  database.exec('create table effect (text text not null)');
  return {
    write: (transaction, text) => transaction((own) => void own.prepare('insert into effect values (?)').run(text)),
    fail: (transaction) => transaction((own) => void own.prepare('insert into effect values (null)').run()),
    all: () => database.prepare('select text from effect order by rowid').all().map((row) => String(row['text'])),
  };
}

reliableCacheContract('sqliteCache in a file, opened twice', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-cache-'));
  const path = join(folder, 'cache.db');
  const [cache, elsewhere] = [sqliteCache(path, options), sqliteCache(path, options)];
  const database = new DatabaseSync(path);
  return {
    cache,
    elsewhere,
    effects: effectsIn(database),
    pass: (ms) => pass(database, ms),
    stop: () => {
      cache.close();
      elsewhere.close();
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}, true);

reliableCacheContract("sqliteCache in memory, on the application's own database", () => {
  const database = new DatabaseSync(':memory:');
  const cache = sqliteCache(database, options);
  return { cache, elsewhere: sqliteCache(database, options), effects: effectsIn(database), pass: (ms) => pass(database, ms), stop: () => database.close() };
}, true);

const files = mkdtempSync(join(tmpdir(), 'sqlite-cache-'));
afterAll(() => rmSync(files, { recursive: true }));

describe('sqliteCache', () => {
  it('waits for whoever writes to a fresh file at that moment, such as another process that opens it', async () => {
    const path = join(files, 'fresh.db');
    const holding = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
      const database = new (require('node:sqlite').DatabaseSync)(workerData);
      database.exec('begin immediate');
      parentPort.postMessage('held');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      database.exec('commit');
      database.close();`,
      { eval: true, workerData: path },
    );
    await once(holding, 'message');
    const cache = sqliteCache(path, options);
    cache.close();
    await once(holding, 'exit');

    const database = new DatabaseSync(path);
    expect(database.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' });
    database.close();
  });

  const claim: CacheClaim = { key: { sender: 's', message: 'm', envelope: undefined }, digest: 'd', token: 't', fence: 1 };
  const outcome: CachedOutcome = { status: 204, reply: undefined, issues: [] };

  it('is durable in a file, not in memory, and remembers for a day where nothing else is said', () => {
    const cache = sqliteCache(':memory:');
    expect(cache).toMatchObject({ isDurable: false, minutes: 1440, leaseMs: 30_000 });
    cache.close();
  });

  it.each([
    ['sqliteCache', () => sqliteCache('/nowhere/at/all.db')],
    ['sqlitePendingStore', () => sqlitePendingStore('/nowhere/at/all.db')],
  ])('%s is not made of a file that cannot be opened: storage.unavailable, in SQLite’s words', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'storage.unavailable', message: 'SQLite cannot keep it: unable to open database file.' }));
  });

  it.each([
    ['its own, in memory', ':memory:', false],
    ['its own, in a file of no name, which is gone with it', '', false],
    ["the application's, in memory", new DatabaseSync(':memory:'), false],
    ["the application's, in a file", new DatabaseSync(join(files, 'own.db')), true],
  ])('in a database that is %s is durable, or not', (_, where, isDurable) => {
    const cache = typeof where === 'string' ? sqliteCache(where) : sqliteCache(where);

    expect(cache.isDurable).toBe(isDurable);
    cache.close();
  });

  it.each([
    ['sqliteCache', sqliteCache],
    ['sqlitePendingStore', sqlitePendingStore],
  ])('%s is not made of a database that takes no table, or a file that is none: storage.unavailable', (_, make: (where: string | DatabaseSync) => unknown) => {
    new DatabaseSync(join(files, 'read-only.db')).exec('create table if not exists ward (bed text)');
    writeFileSync(join(files, 'no.db'), 'no database '.repeat(100));

    expect(() => make(new DatabaseSync(join(files, 'read-only.db'), { readOnly: true }))).toThrow(expect.objectContaining({ code: 'storage.unavailable' }));
    expect(() => make(join(files, 'no.db'))).toThrow(expect.objectContaining({ code: 'storage.unavailable' }));
  });

  it('outlives its process: what one wrote, another opened on the same file knows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sqlite-cache-'));
    const first = sqliteCache(join(folder, 'cache.db'));
    await first.claim(claim, []);
    await first.begin(claim).commit(outcome);
    first.close();
    const second = sqliteCache(join(folder, 'cache.db'));

    expect(second.isDurable).toBe(true);
    expect((await second.lookUp(claim.key))[0]).toMatchObject({ token: 't', outcome });
    second.close();
    rmSync(folder, { recursive: true });
  });

  it('refuses an effect that is not done at once: what it awaited would come after the commit', async () => {
    const cache = sqliteCache(':memory:');
    await cache.claim(claim, []);
    const work = cache.begin(claim);
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what the compiler lets pass is refused when it runs
    work.transaction(async () => Promise.resolve());

    await expect(work.commit(outcome)).rejects.toThrow('the function is synchronous');
    expect(await cache.lookUp(claim.key)).toEqual([]);
    cache.close();
  });

  it('an outcome that cannot be stored is nobody\'s: with a transaction or without, a resend is processed at once', async () => {
    const database = new DatabaseSync(':memory:');
    const cache = sqliteCache(database);
    database.exec("create trigger fault before update on fhir_reliable_cache begin select raise(abort, 'disk full'); end");
    for (const uses of [false, true]) {
      expect(await cache.claim(claim, [])).toBe(true);
      const work = cache.begin(claim);
      if (uses) work.transaction(() => undefined);

      await expect(work.commit(outcome)).rejects.toMatchObject({ code: 'storage.unavailable', message: 'SQLite cannot keep it: constraint failed.' });
      expect(await cache.lookUp(claim.key)).toEqual([]);
    }
  });

  it('a claim that cannot even be given up is left to its lease: what is told is why the outcome was not stored', async () => {
    const database = new DatabaseSync(':memory:');
    const cache = sqliteCache(database);
    await cache.claim(claim, []);
    database.exec("create trigger fault before update on fhir_reliable_cache begin select raise(abort, 'disk full'); end");
    database.exec("create trigger worse before delete on fhir_reliable_cache begin insert into nowhere values (1); end");

    await expect(cache.begin(claim).commit(outcome)).rejects.toMatchObject({ code: 'storage.unavailable', message: 'SQLite cannot keep it: constraint failed.' });
    expect(await cache.lookUp(claim.key)).toMatchObject([{ isLeased: true }]);
  });

  it('forgets what has expired, each hundred claims', async () => {
    const database = new DatabaseSync(':memory:');
    const cache = sqliteCache(database, { ttlMinutes: 1 });
    const claimOf = (token: string): CacheClaim => ({ ...claim, token, key: { ...claim.key, message: token } });
    for (let n = 1; n <= 99; n += 1) {
      await cache.claim(claimOf(`t${n}`), []);
      await cache.begin(claimOf(`t${n}`)).commit(outcome);
    }
    pass(database, 61_000);
    await cache.claim(claimOf('last'), []);

    expect(database.prepare('select token from fhir_reliable_cache').all()).toEqual([{ token: 'last' }]);
  });

  it('leaves no file open that it could not set up, however often it is tried', async () => {
    const path = join(files, 'torn.db');
    writeFileSync(path, 'no database '.repeat(500));
    const close = vi.spyOn(DatabaseSync.prototype, 'close');
    const failure = { code: 'storage.unavailable', message: 'SQLite cannot keep it: file is not a database.' };
    const outbox = sqliteOutboxStore(path);

    for (const tries of [1, 2, 3]) {
      await expect(outbox.get('x')).rejects.toMatchObject(failure);
      expect(() => sqliteCache(path)).toThrow(expect.objectContaining(failure));
      expect(() => sqlitePendingStore(path)).toThrow(expect.objectContaining(failure));
      expect(close).toHaveBeenCalledTimes(3 * tries);
    }
    vi.restoreAllMocks();
  });

  it('is closed once: another close does nothing', async () => {
    const outbox = sqliteOutboxStore(':memory:');
    await outbox.get('x');

    for (const store of [sqliteCache(':memory:'), sqlitePendingStore(':memory:'), outbox]) {
      store.close();
      expect(() => store.close()).not.toThrow();
    }
  });

  it.each([{ ttlMinutes: 0 }, { ttlMinutes: NaN }, { ttlMinutes: Infinity }, { leaseMs: 0 }, { leaseMs: 'x' }])('is not made with %j, which is no time; neither is postgresCache', (options) => {
    expect(() => sqliteCache(':memory:', Object(options))).toThrow(TypeError);
    expect(() => postgresCache(Object({}), Object(options))).toThrow(TypeError);
  });
});
