import type { SqlDialect } from '../sql-dialect.ts';

const now = `cast(round(unixepoch('subsec') * 1000) as integer)`;

/** SQLite's dialect: a time is milliseconds since 1970. SQLite has one writer at a time, so no row is ever locked. */
export const sqliteDialect: SqlDialect = {
  types: { time: 'integer', bytes: 'blob', json: 'text' },
  now,
  later: (ms) => `${now} + ${ms}`,
  msOf: (time) => time,
  msUntil: (time) => `${time} - ${now}`,
  greatest: (...values) => `max(${values.map((value) => `coalesce(${value}, 0)`).join(', ')})`,
  textsIn: (parameter) => `(select value from json_each(${parameter}))`,
  memberOf: (column, member) => `(case when json_valid(${column}) then ${column} ->> '${member}' end)`,
  counting: () => ({ before: '', column: 'integer primary key autoincrement' }),
  next: () => 'null',
  skipLocked: '',
};
