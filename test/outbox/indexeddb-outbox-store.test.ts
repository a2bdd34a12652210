import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { isMessagingError } from '@fhir-messaging/core';
import { indexedDbOutboxStore } from '@fhir-messaging/storage/indexeddb';
import { openDB } from 'idb';
import { describe, expect, it, vi } from 'vitest';
import { entryOf, outboxStoreContract } from './outbox-store-contract.ts';

let databases = 0;

outboxStoreContract('IndexedDB', () => {
  let time = 1_700_000_000_000;
  databases += 1;
  const name = `outbox ${databases}`;
  const now = (): number => time;
  const [store, elsewhere] = [indexedDbOutboxStore(name, { now }), indexedDbOutboxStore(name, { now })];
  return {
    store,
    elsewhere,
    pass: (ms) => void (time += ms),
    async corrupt(id) {
      const database = await openDB(name);
      const row = (await database.getFromIndex('entries', 'id', id)) as object;
      await database.put('entries', { ...row, facts: 'torn' });
      database.close();
    },
    stop() {
      store.close();
      elsewhere.close();
    },
  };
});

const codeOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => (isMessagingError(error) ? [error.code, error.message] : error));

describe('IndexedDB by a clock that was a day ahead, and is set right', () => {
  const day = 86_400_000;
  const claiming = { account: entryOf('').account, limit: 10, leaseMs: 30_000 };
  const { facts } = entryOf('');
  const openAhead = async (name: string) => {
    let time = 1_700_000_000_000 + day;
    const store = indexedDbOutboxStore(name, { now: () => time });
    await store.add(entryOf('leased'));
    await store.add(entryOf('due', { dueInMs: 60_000 }));
    const [held] = await store.claim(claiming);
    time -= day;
    const claimed = async (afterMs: number): Promise<readonly string[]> => {
      time += afterMs;
      return (await store.claim(claiming)).map(({ id }) => id);
    };
    return { store, claimed, held: held! };
  };

  it('what its sender left is leased no longer than ever, and what is due later comes no later', async () => {
    const { store, claimed } = await openAhead('set back');
    expect(await claimed(0)).toEqual([]);
    expect((await store.list()).records.map(({ isLeased }) => isLeased)).toEqual([true, false]);
    expect(await claimed(30_000)).toEqual(['leased']);
    expect(await claimed(29_999)).toEqual([]);
    expect(await claimed(1)).toEqual(['leased', 'due']);
    store.close();
  });

  it('what is being sent stays with who renews its lease, for as long as that does', async () => {
    const { store, claimed, held } = await openAhead('set back under a sender');
    expect(await claimed(0)).toEqual([]);
    expect(await claimed(29_999)).toEqual([]);
    await store.renew(held, 30_000);
    expect(await claimed(29_999)).toEqual([]);
    await store.update(held, { facts, isFinished: false, dueInMs: 0, leaseMs: 30_000 });
    expect(await claimed(29_999)).toEqual(['due']);
    expect(await claimed(1)).toEqual(['leased']);
    store.close();
  });

  it('what its sender renewed once more, before anybody looked, and then left is taken up when that lease ran out', async () => {
    const { store, claimed, held } = await openAhead('set back and renewed');
    await store.renew(held, 30_000);
    expect(await claimed(29_999)).toEqual([]);
    expect(await claimed(1)).toEqual(['leased']);
    store.close();
  });
});

describe('IndexedDB that cannot keep it', () => {
  it('a database of a later version: storage.unavailable, durability none', async () => {
    (await openDB('later', 99)).close();
    const store = indexedDbOutboxStore('later');

    expect(await store.durability()).toBe('none');
    expect(await codeOf(store.add(entryOf('m')))).toEqual(['storage.unavailable', 'IndexedDB cannot keep it: it was written by a later version.']);
    store.close();
  });

  it('an entry whose bytes are gone is one that cannot be read: listed, never claimed, no hindrance to other keys, and forgotten when told to', async () => {
    const store = indexedDbOutboxStore('torn');
    for (const entry of [entryOf('k1', { key: 'k' }), entryOf('k2', { key: 'k' }), entryOf('m')]) await store.add(entry);
    const { account } = entryOf('m');
    const [first] = await store.claim({ account, limit: 1, leaseMs: 1_000 });
    const database = await openDB('torn');
    await database.delete('bytes', 'k1');
    database.close();

    expect([first?.id, (await store.claim({ account, limit: 9, leaseMs: 1_000 })).map(({ id }) => id)]).toEqual(['k1', ['m']]);
    const { records, unreadable } = await store.list();
    expect([records.map(({ id }) => id), unreadable, await store.get('k1')]).toEqual([['k2', 'm'], ['k1'], undefined]);
    await store.remove({ id: 'k1', fence: 0 });
    expect((await store.list()).unreadable).toEqual([]);
    expect((await store.claim({ account, limit: 9, leaseMs: 1_000 })).map(({ id }) => id)).toEqual(['k2']);
    store.close();
  });

  it('an entry in a state that only a later version knows: the same, and its key waits', async () => {
    const store = indexedDbOutboxStore('unheard of');
    for (const entry of [entryOf('k1', { key: 'k' }), entryOf('k2', { key: 'k' }), entryOf('m')]) await store.add(entry);
    const database = await openDB('unheard of');
    const row = (await database.getFromIndex('entries', 'id', 'k1')) as { facts: object };
    await database.put('entries', { ...row, facts: { ...row.facts, state: 'unheard of' } });
    database.close();

    expect((await store.claim({ account: entryOf('m').account, limit: 9, leaseMs: 1_000 })).map(({ id }) => id)).toEqual(['m']);
    expect([(await store.list()).unreadable, await store.get('k1')]).toEqual([['k1'], undefined]);
    store.close();
  });

  it('no IndexedDB at all: storage.unavailable, durability none', async () => {
    const { indexedDB } = globalThis;
    Reflect.deleteProperty(globalThis, 'indexedDB');
    try {
      const store = indexedDbOutboxStore('none');
      expect(await store.durability()).toBe('none');
      expect(await codeOf(store.add(entryOf('m')))).toEqual(['storage.unavailable', expect.any(String)]);
      store.close();
    } finally {
      globalThis.indexedDB = indexedDB;
    }
  });

  it('makes way for a later version that another tab opens, and says so from then on', async () => {
    const store = indexedDbOutboxStore('both');
    await store.add(entryOf('m'));
    const later = await openDB('both', 2);

    expect(await codeOf(store.add(entryOf('n')))).toEqual(['storage.unavailable', expect.stringContaining('later version')]);
    expect(await later.count('entries')).toBe(1);
    later.close();
    store.close();
  });

  it('a store asks for strict durability of what it promises', async () => {
    const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const store = indexedDbOutboxStore('strict');
    await store.add(entryOf('m'));
    const asked = transactions.mock.calls.flatMap(([, mode, options]) => (mode === 'readwrite' ? [options?.durability] : []));
    transactions.mockRestore();
    store.close();

    expect(asked).toEqual(['strict']);
  });

  it('another tab is told of a change that is made in this one', async () => {
    const [here, there] = [indexedDbOutboxStore('tabs'), indexedDbOutboxStore('tabs')];
    let heard = 0;
    const leave = there.subscribe(() => (heard += 1));
    await here.add(entryOf('m'));

    await expect.poll(() => heard).toBeGreaterThan(0);
    leave();
    here.close();
    there.close();
  });

  it('a store that was closed takes nothing, holds nothing open, and says so', async () => {
    const channels = vi.spyOn(globalThis, 'BroadcastChannel');
    const store = indexedDbOutboxStore('closed');
    await store.add(entryOf('m'));
    const opened = channels.mock.calls.length;
    store.close();

    expect(await codeOf(store.add(entryOf('n')))).toEqual(['closed', 'The store was closed.']);
    expect(await store.durability()).toBe('none');
    store.subscribe(() => undefined)();
    expect(channels.mock.calls.length).toBe(opened);
    channels.mockRestore();
    const later = await openDB('closed', 2, { blocked: () => expect.unreachable('it is still open') });
    expect(await later.count('entries')).toBe(1);
    later.close();
  });

  it('a quota error: nothing of the entry is there', async () => {
    const factory = new IDBFactory();
    const { indexedDB } = globalThis;
    globalThis.indexedDB = factory;
    const store = indexedDbOutboxStore('full');
    await store.add(entryOf('m'));
    const put = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'put')!;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    try {
      expect(await codeOf(store.add(entryOf('n')))).toEqual(['storage.unavailable', 'IndexedDB cannot keep it: the storage is full.']);
    } finally {
      Object.defineProperty(IDBObjectStore.prototype, 'put', put);
      globalThis.indexedDB = indexedDB;
    }
    expect((await store.list()).records.map(({ id }) => id)).toEqual(['m']);
    store.close();
  });
});
