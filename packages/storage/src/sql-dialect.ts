/** The parts in which two databases differ, for statements that are otherwise the same. */
export interface SqlDialect {
  /** The column types of a time, of bytes, and of text that is JSON. */
  readonly types: { readonly time: string; readonly bytes: string; readonly json: string };
  /** The time by the database's clock, which goes on while a transaction does. */
  readonly now: string;
  /** The time that many milliseconds after now; null where `ms` is null. */
  readonly later: (ms: string) => string;
  /** A time in milliseconds since 1970. */
  readonly msOf: (time: string) => string;
  /** The milliseconds from now to a time. */
  readonly msUntil: (time: string) => string;
  /** The greatest of the values, null ones left out. */
  readonly greatest: (...values: readonly string[]) => string;
  /** The texts in a parameter that is a list of them in JSON. */
  readonly textsIn: (parameter: string) => string;
  /** A member of a JSON column as text; null where there is none, or the column holds something else. */
  readonly memberOf: (column: string, member: string) => string;
  /** A column that counts up, and the statements that have to come before its table. */
  readonly counting: (name: string) => { readonly before: string; readonly column: string };
  /** The next number of such a column; transactions that take one for the same subject wait for each other's end. */
  readonly next: (name: string, subject: string) => string;
  /** A clause that skips rows which another transaction has locked; empty where there is no such lock. */
  readonly skipLocked: string;
}
