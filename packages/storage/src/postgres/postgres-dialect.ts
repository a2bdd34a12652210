import type { SqlDialect } from '../sql-dialect.ts';

// `now()` stands still in a transaction.
const now = 'clock_timestamp()';

/** How PostgreSQL says it. A parameter of milliseconds has its type named at each use, since a sum of two has none of its own. */
export const postgresDialect: SqlDialect = {
  types: { time: 'timestamptz', bytes: 'bytea', json: 'json' },
  now,
  later: (ms) => `${now} + (${ms.replaceAll(/\$\d+/g, '$&::float8')}) * interval '1 millisecond'`,
  msOf: (time) => `extract(epoch from ${time})::float8 * 1000`,
  msUntil: (time) => `extract(epoch from ${time} - ${now})::float8 * 1000`,
  greatest: (...values) => `greatest(${values.join(', ')})`,
  textsIn: (parameter) => `(select value from json_array_elements_text(${parameter}::json) as each (value))`,
  memberOf: (column, member) => `(${column} ->> '${member}')`,
  // Without an index of its own: what is due is found in its order by another, and never by going through what is long finished.
  counting: (name) => ({ before: `create sequence ${name};`, column: 'bigint not null' }),
  // The lock is taken before the number, and both are whatever the statement's snapshot is: who commits later has the higher one.
  next: (name, subject) => `(select nextval('${name}') from (select pg_advisory_xact_lock(hashtextextended(${subject}, 0))) as locked)`,
  skipLocked: ' for update skip locked',
};
