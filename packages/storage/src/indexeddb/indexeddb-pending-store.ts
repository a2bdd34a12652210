import type { OutboxContent, PendingRecord, PendingRequest, PendingStore, Seal } from '@fhir-messaging/core';
import type { DBSchema } from 'idb';
import { openDatabase } from './open-database.ts';

/** A pending store in IndexedDB. */
export interface IndexedDbPendingStore extends PendingStore {
  /** Closes the database. */
  close(): void;
}

/** The options of a pending store in IndexedDB. */
export interface IndexedDbPendingOptions {
  /** Seals the requests, as the outbox seals its own. A request that no key here opens counts as unknown. @defaultValue they are stored as they are */
  readonly seal?: Seal | undefined;
}

/** A request as it is stored: its bytes maybe sealed, and the values of its ids, by which it is found. */
interface PendingRow extends Omit<PendingRecord, 'bytes'> {
  readonly content: OutboxContent;
  readonly values: readonly string[];
}

interface PendingSchema extends DBSchema {
  requests: { key: string; value: PendingRow; indexes: { value: string; keepUntilMs: number } };
}

/** The version of the schema: each change raises it by one, and adds a step to `upgrade`. */
const version = 1;

/**
 * Keeps a messenger's requests whose replies come later in IndexedDB, for all tabs of a storage partition. Times are those of the messenger. Its
 * methods reject with `storage.unavailable`.
 *
 * The store knows no accounts: whoever asks with the id of a request gets it, patient data and all. Where several people use one browser, give each
 * a database of their own.
 *
 * @param name - of the database, one for each account; never that of an outbox.
 * @example createMessenger({ transport, pending: indexedDbPendingStore(`requests of ${user}`) })
 */
export function indexedDbPendingStore(name: string, { seal }: IndexedDbPendingOptions = {}): IndexedDbPendingStore {
  const { use, close } = openDatabase<PendingSchema>(name, version, (database) => {
    const requests = database.createObjectStore('requests', { keyPath: 'key' });
    requests.createIndex('value', 'values', { multiEntry: true });
    requests.createIndex('keepUntilMs', 'keepUntilMs');
  });
  const recordOf = async ({ content, values, ...row }: PendingRow): Promise<PendingRecord | undefined> => {
    const { bytes, sealedWith } = content;
    const opened = sealedWith === undefined ? bytes : await seal?.open(bytes, sealedWith, row.key);
    return opened && { ...row, bytes: opened };
  };
  return Object.freeze<IndexedDbPendingStore>({
    async put({ bytes, ...request }: PendingRequest) {
      await use(async (database) => {
        const content = seal ? { bytes: await seal.seal(bytes, request.key), sealedWith: seal.keyName } : { bytes, sealedWith: undefined };
        const transaction = told(database.transaction('requests', 'readwrite', { durability: 'strict' }));
        const before = await transaction.store.get(request.key);
        const known = before?.ids ?? [];
        const added = request.ids.filter(({ source, value, system }) => !known.some((id) => id.source === source && id.value === value && id.system === system));
        const ids = [...known, ...added];
        await transaction.store.put({ ...request, content, ids, values: ids.map(({ value }) => value), replies: before?.replies ?? [] });
        await transaction.done;
      });
    },
    async find(value) {
      const rows = await use((database) => database.getAllFromIndex('requests', 'value', value));
      const records = await Promise.all(rows.map((row) => recordOf(row).catch(() => undefined)));
      return records.flatMap((record) => record ?? []);
    },
    settle: (key, replyId) =>
      use(async (database) => {
        const transaction = told(database.transaction('requests', 'readwrite', { durability: 'strict' }));
        const row = await transaction.store.get(key);
        if (row && !row.replies.includes(replyId)) await transaction.store.put({ ...row, replies: [...row.replies, replyId] });
        await transaction.done;
        return row?.replies;
      }),
    async expire(nowMs) {
      await use(async (database) => {
        const transaction = told(database.transaction('requests', 'readwrite'));
        const over = await transaction.store.index('keepUntilMs').getAllKeys(IDBKeyRange.upperBound(nowMs, true));
        await Promise.all(over.map((key) => transaction.store.delete(key)));
        await transaction.done;
      });
    },
    close,
  });
}

/** Silences a transaction's own rejection: the failure inside it is thrown already. */
function told<T extends { readonly done: Promise<void> }>(transaction: T): T {
  transaction.done.catch(() => undefined);
  return transaction;
}
