import { onSqlite } from './on-sqlite.ts';

/** What the database does at once, as a promise; what it throws rejects it. @throws {MessagingError} `storage.unavailable` where SQLite does not do it. */
export function soon<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(onSqlite(run));
  });
}
