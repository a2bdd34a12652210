/** A statement that a connection plans once, under its name. */
export interface NamedStatement {
  readonly name: string;
  readonly text: string;
}

/** What a statement gave. */
export interface PostgresResult {
  readonly rows: unknown[];
  readonly rowCount: number | null;
}

/** What sends statements to PostgreSQL: the part of `pg`'s clients that is used here. */
export interface PostgresClient {
  query(statement: string | NamedStatement, values?: unknown[]): Promise<PostgresResult>;
}

/** A connection out of a pool. */
export interface PostgresConnection extends PostgresClient {
  /** Gives it back; where it is not to be used again, it is closed. */
  release(destroy?: boolean): void;
  /** What it fails with while nobody asks it anything ends the process, where nobody listens. */
  on?(name: 'error', listener: () => void): unknown;
  off?(name: 'error', listener: () => void): unknown;
}

/** The part of `pg`'s `Pool` that is used here. */
export interface PostgresPool<TConnection extends PostgresConnection = PostgresConnection> extends PostgresClient {
  connect(): Promise<TConnection>;
}
