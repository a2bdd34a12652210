/** A request as it came in, by Fetch or by node:http; its parts are made only when they are asked for. */
export interface HttpRequest {
  readonly method: string;
  /** Where it was sent to: an address, or the path and query of one. */
  readonly url: string;
  /** A header by its name in lower case; `null` where there is none. */
  header(name: string): string | null;
  /**
   * The body, counted while it is read.
   *
   * @returns `undefined` when it is past the limit; the rest is then not read.
   */
  readBody(maxBytes: number): Promise<Uint8Array | undefined>;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** The request as the application gets to see it. */
  readonly shown: Request;
}

/** The answer to a request, before it is a Fetch response or written to node:http's. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  /** Whether its connection is to end with it, over node:http: Fetch runtimes take no such header. */
  readonly endsConnection?: boolean | undefined;
}

/** Answers requests, from whichever server; a Response is the application's own answer. */
export type Answering = (request: HttpRequest) => Promise<HttpAnswer | Response>;
