/** What each call of a {@link Reader} is given. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A `batch` Bundle of reads and searches; its members can be changed, so that it fits what clients take. */
export interface ReadBatch {
  resourceType: 'Bundle';
  type: 'batch';
  entry: { request: { method: 'GET'; url: string } }[];
}

/**
 * Reads from one FHIR server: the port that a client plugs into for `assemble`.
 *
 * A call resolves with the server's JSON; its caller checks the shape. Any answer but a success rejects, with an error whose `status`, or
 * `response.status`, is the HTTP status (a `MessagingError` with the code `transport.status` has one), or that carries the server's OperationOutcome as
 * `outcome`; or it resolves with that OperationOutcome, or with `undefined` or `null` for what is not there. An answer that comes too late rejects
 * with `transport.timeout` or a `TimeoutError`, an abort with the signal's own reason. It may be an instance of a class: its members are called on it.
 *
 * @example const reader: Reader = { baseUrl: client.state.serverUrl, read: (reference, { signal = null }) => client.request({ url: reference, signal }) };
 */
export interface Reader {
  /** The server's base URL: what relative references are relative to. Without it none can be made absolute. */
  readonly baseUrl?: string | undefined;
  /** Reads `Type/id` or `Type/id/_history/version`; always relative to the server's base, never another server's. */
  readonly read: (reference: string, options: ReadOptions) => Promise<unknown>;
  /** Searches `Type?parameters`, already encoded; resolves with the first page, a `searchset` Bundle. */
  readonly search?: ((query: string, options: ReadOptions) => Promise<unknown>) | undefined;
  /** Posts a batch to the base; resolves with the `batch-response` Bundle, which has an entry for each one, in their order. */
  readonly batch?: ((bundle: ReadBatch, options: ReadOptions) => Promise<unknown>) | undefined;
}
