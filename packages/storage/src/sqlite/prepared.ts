import type { SqliteDatabase, SqliteStatement } from './sqlite-database.ts';

/** Gives statements by their names, each prepared when it is first asked for. What is `$1` in them is `?1` to SQLite, where `$1` is a name. */
export function prepared<TName extends string>(database: SqliteDatabase, texts: Readonly<Record<TName, string>>): (name: TName) => SqliteStatement {
  const known = new Map<TName, SqliteStatement>();
  return (name) => {
    const statement = known.get(name) ?? database.prepare(texts[name].replaceAll(/\$(?=\d)/g, '?'));
    known.set(name, statement);
    return statement;
  };
}
