import { isMessagingError, MessagingError } from '@fhir-messaging/core';
import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase, OpenDBCallbacks } from 'idb';
import { storageUnavailable } from '../storage-failure.ts';

/** A database that is opened when it is used, and again after the browser closed it. */
export interface OpenDatabase<TSchema extends DBSchema> {
  /** @throws {MessagingError} `storage.unavailable`, whatever the browser's own error is; `closed` after `close`. */
  readonly use: <T>(run: (database: IDBPDatabase<TSchema>) => Promise<T>) => Promise<T>;
  readonly close: () => void;
}

/** The meanings of the browser's errors. */
const reasons: Readonly<Record<string, string>> = {
  QuotaExceededError: 'the storage is full',
  VersionError: 'it was written by a later version',
  SecurityError: 'this page may not store anything',
  InvalidStateError: 'this page may not store anything, or the database is closed',
};

/** A database of a version; it closes where another tab opens a later one. */
export function openDatabase<TSchema extends DBSchema>(name: string, version: number, upgrade: OpenDBCallbacks<TSchema>['upgrade']): OpenDatabase<TSchema> {
  let opened: Promise<IDBPDatabase<TSchema>> | undefined;
  let isClosed = false;
  const forget = (): void => {
    opened = undefined;
  };
  const makeWay = (): void => {
    opened?.then((database) => database.close()).catch(() => undefined);
    forget();
  };
  return {
    async use(run) {
      try {
        if (isClosed) throw new MessagingError('closed', 'The store was closed.');
        opened ??= openDB<TSchema>(name, version, { ...(upgrade && { upgrade }), blocking: makeWay, terminated: forget });
        // Calls that come meanwhile wait for the same opening.
        const database = await opened.catch((error: unknown) => {
          forget();
          throw error;
        });
        return await run(database);
      } catch (error) {
        if (isMessagingError(error)) throw error;
        const kind = error instanceof Error ? error.name : 'no Error';
        if (kind === 'InvalidStateError') forget();
        throw storageUnavailable('IndexedDB', reasons[kind] ?? kind);
      }
    },
    close() {
      isClosed = true;
      makeWay();
    },
  };
}
