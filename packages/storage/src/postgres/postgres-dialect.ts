import type { SqlDialect } from '../sql-dialect.ts';

// `now()` stands still in a transaction.
const now = 'clock_timestamp()';

/** PostgreSQL's dialect. Each use of a parameter of milliseconds names its type, since a sum of two parameters has none. */
export const postgresDialect: SqlDialect = {
  types: { time: 'timestamptz', bytes: 'bytea', json: 'json' },
  now,
  later: (ms) => `${now} + (${ms.replaceAll(/\$\d+/g, '$&::float8')}) * interval '1 millisecond'`,
  msOf: (time) => `extract(epoch from ${time})::float8 * 1000`,
  msUntil: (time) => `extract(epoch from ${time} - ${now})::float8 * 1000`,
  greatest: (...values) => `greatest(${values.join(', ')})`,
  textsIn: (parameter) => `(select value from json_array_elements_text(${parameter}::json) as each (value))`,
  memberOf: (column, member) => `(${column} ->> '${member}')`,
  // No index on the column alone: claims find due rows in order by `fhir_outbox_due`, without going through rows that are long finished.
  counting: (name) => ({ before: `create sequence ${name};`, column: 'bigint not null' }),
  // The lock is taken before the number, and neither depends on the statement's snapshot: of two transactions the later commit has the higher number.
  next: (name, subject) => `(select nextval('${name}') from (select pg_advisory_xact_lock(hashtextextended(${subject}, 0))) as locked)`,
  skipLocked: ' for update skip locked',
};
