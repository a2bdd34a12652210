/** What two databases say differently in statements that are otherwise the same. */
export interface SqlDialect {
  /** The column types of a time, and of bytes. */
  readonly types: { readonly time: string; readonly bytes: string };
  /** The time by the database's clock, which goes on while a transaction does. */
  readonly now: string;
  /** A time so many milliseconds after now; null where they are. */
  readonly later: (ms: string) => string;
  /** The milliseconds from now to a time. */
  readonly msUntil: (time: string) => string;
  /** The greatest of them that is not null. */
  readonly greatest: (...values: readonly string[]) => string;
  /** The texts in a parameter that is a list of them in JSON. */
  readonly textsIn: (parameter: string) => string;
  /** Where rows that another transaction has locked are not waited for. */
  readonly skipLocked: string;
}
