import type { IDBPObjectStore } from 'idb';
import type { OpenDatabase } from './open-database.ts';
import type { OutboxSchema } from './outbox-schema.ts';

/** The entries, in a transaction that writes. */
export type Entries = IDBPObjectStore<OutboxSchema, ('entries' | 'bytes')[], 'entries', 'readwrite'>;

/** Their bytes, in a transaction that writes. */
type Bytes = IDBPObjectStore<OutboxSchema, ('entries' | 'bytes')[], 'bytes', 'readwrite'>;

/** Runs a function in a transaction, and tells all tabs. The transaction is on the disk when it resolves, unless its loss does no harm (`relaxed`). */
export type Write = <T>(run: (entries: Entries, bytes: Bytes) => Promise<T>, durability?: IDBTransactionDurability) => Promise<T>;

/** Writes to an outbox's database. @param tell - tells all tabs. */
export function outboxWriting(use: OpenDatabase<OutboxSchema>['use'], tell: () => void): Write {
  return async (run, durability = 'strict') => {
    const result = await use(async (database) => {
      const transaction = database.transaction(['entries', 'bytes'], 'readwrite', { durability });
      try {
        const done = await run(transaction.objectStore('entries'), transaction.objectStore('bytes'));
        await transaction.done;
        return done;
      } catch (error) {
        // The first failure is thrown, not the transaction's that follows from it.
        transaction.done.catch(() => undefined);
        abort(transaction);
        throw error;
      }
    });
    tell();
    return result;
  };
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort();
  } catch {
    // It is over already.
  }
}
