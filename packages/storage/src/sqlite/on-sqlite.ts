import { rowOf } from '../row.ts';
import { storageUnavailable } from '../storage-failure.ts';

/** Does something with a database. @throws {MessagingError} `storage.unavailable` where SQLite does not do it; what else is thrown stays as it is. */
export function onSqlite<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw asSqliteFailure(error);
  }
}

/** What SQLite threw, in its own words for the code, which quote no row. */
function asSqliteFailure(error: unknown): unknown {
  const { code, errstr } = rowOf(error);
  const isOfSqlite = typeof code === 'string' && /SQLITE|INVALID_STATE/.test(code);
  return isOfSqlite ? storageUnavailable('SQLite', typeof errstr === 'string' ? errstr : code) : error;
}
