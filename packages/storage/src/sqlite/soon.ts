import { onSqlite } from './on-sqlite.ts';

/** Runs a function on the database at once, as a promise that rejects where it throws. @throws {MessagingError} `storage.unavailable` where SQLite fails. */
export function soon<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(onSqlite(run));
  });
}
