import type { SqliteDatabase, SqliteStatement } from './sqlite-database.ts';

/** Gives statements by their texts, each prepared when it is first asked for. `$1` in a text becomes `?1`: to SQLite `$1` is a name. */
export function prepared(database: SqliteDatabase): (text: string) => SqliteStatement {
  const known = new Map<string, SqliteStatement>();
  return (text) => {
    const statement = known.get(text) ?? database.prepare(text.replaceAll(/\$(?=\d)/g, '?'));
    known.set(text, statement);
    return statement;
  };
}
