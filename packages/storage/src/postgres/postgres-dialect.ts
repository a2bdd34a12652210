import type { SqlDialect } from '../sql-dialect.ts';

// `now()` stands still in a transaction.
const now = 'clock_timestamp()';

/** How PostgreSQL says it. A parameter of milliseconds has its type named at each use, since a sum of two has none of its own. */
export const postgresDialect: SqlDialect = {
  types: { time: 'timestamptz', bytes: 'bytea' },
  now,
  later: (ms) => `${now} + (${ms.replaceAll(/\$\d+/g, '$&::float8')}) * interval '1 millisecond'`,
  msUntil: (time) => `extract(epoch from ${time} - ${now})::float8 * 1000`,
  greatest: (...values) => `greatest(${values.join(', ')})`,
  textsIn: (parameter) => `(select value from json_array_elements_text(${parameter}::json) as each (value))`,
  skipLocked: ' for update skip locked',
};
