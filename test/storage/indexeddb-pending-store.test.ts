import 'fake-indexeddb/auto';
import { aesGcm } from '@fhir-messaging/outbox';
import { indexedDbPendingStore } from '@fhir-messaging/storage/indexeddb';
import { openDB } from 'idb';
import { describe, expect, it } from 'vitest';
import { first, pendingStoreContract, requestOf } from '../exchange/pending-store-contract.ts';

const newKey = (): Promise<CryptoKey> => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
const key = await newKey();
const seal = aesGcm({ keyName: 'k', keys: { k: key } });
let databases = 0;

for (const options of [{}, { seal }]) {
  pendingStoreContract(`IndexedDB${'seal' in options ? ', sealed' : ''}`, () => {
    databases += 1;
    const name = `requests ${databases}`;
    const opened = [indexedDbPendingStore(name, options)];
    const reopen = (): (typeof opened)[number] => {
      const store = indexedDbPendingStore(name, options);
      opened.push(store);
      return store;
    };
    return Promise.resolve({ store: opened[0]!, reopen: () => Promise.resolve(reopen()), stop: () => Promise.resolve(opened.forEach((store) => store.close())) });
  });
}

describe('a pending store in IndexedDB that is full', () => {
  it('says so by what was asked of it, and leaves no other rejection behind', async () => {
    const unhandled: unknown[] = [];
    const hear = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', hear);
    const store = indexedDbPendingStore('full');
    const put = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'put')!;
    IDBObjectStore.prototype.put = function abort(this: IDBObjectStore) {
      this.transaction.abort();
      throw new DOMException('full', 'QuotaExceededError');
    };
    try {
      await expect(store.put(requestOf())).rejects.toMatchObject({ code: 'storage.unavailable' });
    } finally {
      Object.defineProperty(IDBObjectStore.prototype, 'put', put);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('unhandledRejection', hear);
    store.close();

    expect(unhandled).toEqual([]);
  });
});

describe('a sealed pending store in IndexedDB', () => {
  it('holds no byte of a request that could be read, and knows none without the key', async () => {
    const store = indexedDbPendingStore('sealed', { seal });
    await store.put(requestOf());
    const rows = await (await openDB('sealed')).getAll('requests');
    const other = indexedDbPendingStore('sealed');

    expect(rows).toHaveLength(1);
    expect(rows.map(({ content }: { content: { bytes: Uint8Array } }) => new TextDecoder().decode(content.bytes)).join()).not.toContain('Bundle');
    expect(await other.find(first)).toEqual([]);
    expect((await store.find(first)).map(({ bytes }) => bytes)).toEqual([requestOf().bytes]);
  });

  it('knows none that another key of the name sealed, nor one that is torn, and finds the others', async () => {
    const another = await newKey();
    const [store, other] = [indexedDbPendingStore('keys', { seal }), indexedDbPendingStore('keys', { seal: aesGcm({ keyName: 'k', keys: { k: another } }) })];
    await store.put(requestOf());
    await store.put(requestOf({ key: 'torn' }));
    await other.put(requestOf({ key: 'other' }));
    const database = await openDB('keys');
    const row = (await database.get('requests', 'torn')) as { content: { bytes: Uint8Array } };
    await database.put('requests', { ...row, content: { ...row.content, bytes: row.content.bytes.subarray(5) } });

    expect((await store.find(first)).map((found) => found.key)).toEqual([first]);
    expect((await other.find(first)).map((found) => found.key)).toEqual(['other']);
  });

  it('keeps nothing that could not be sealed: storage.unavailable', async () => {
    const store = indexedDbPendingStore('unsealed', { seal: { ...seal, seal: () => Promise.reject(new DOMException('no', 'OperationError')) } });

    await expect(store.put(requestOf())).rejects.toMatchObject({ code: 'storage.unavailable', message: 'IndexedDB cannot keep it: OperationError.' });
    expect(await store.find(first)).toEqual([]);
  });
});
