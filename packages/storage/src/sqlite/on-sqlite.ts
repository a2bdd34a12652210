import { rowOf } from '../row.ts';
import { storageUnavailable } from '../storage-failure.ts';

/** Runs a function on a database. @throws {MessagingError} `storage.unavailable` where SQLite fails; any other error stays as it is. */
export function onSqlite<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw asSqliteFailure(error);
  }
}

/** SQLite's error in its own words for the code, which quote no row; any other error as it is. */
function asSqliteFailure(error: unknown): unknown {
  const { code, errstr } = rowOf(error);
  const isOfSqlite = typeof code === 'string' && /SQLITE|INVALID_STATE/.test(code);
  return isOfSqlite ? storageUnavailable('SQLite', typeof errstr === 'string' ? errstr : code) : error;
}
