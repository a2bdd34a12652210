/** A statement that a connection plans once, under its name. */
export interface NamedStatement {
  readonly name: string;
  readonly text: string;
}

/** The result of a statement. */
export interface PostgresResult {
  readonly rows: unknown[];
  readonly rowCount: number | null;
}

/** Sends statements to PostgreSQL: the part of `pg`'s clients that is used here. */
export interface PostgresClient {
  query(statement: string | NamedStatement, values?: unknown[]): Promise<PostgresResult>;
}

/** A connection out of a pool. */
export interface PostgresConnection extends PostgresClient {
  /** The server's process of its session, as `pg` tells it; without it, a statement that a failed handler left running is not cancelled. */
  readonly processID?: number | null | undefined;
  /** Gives the connection back; `destroy` closes it, so that it is not used again. */
  release(destroy?: boolean): void;
  /** Tells of errors between statements; without a listener such an error ends the process. */
  on?(name: 'error', listener: () => void): unknown;
  off?(name: 'error', listener: () => void): unknown;
}

/** The part of `pg`'s `Pool` that is used here. */
export interface PostgresPool<TConnection extends PostgresConnection = PostgresConnection> extends PostgresClient {
  connect(): Promise<TConnection>;
}
