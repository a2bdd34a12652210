/** The part of a Medplum client that sending and reading use: the least that `MedplumClient` of `@medplum/core` has. */
export interface MedplumClientLike {
  /** The URL of a path below the FHIR base. */
  fhirUrl(...path: string[]): URL;
  getAccessToken(): string | undefined;
  /** The active login; older clients, and those of bots, do not tell. */
  getActiveLogin?(): { readonly project?: Named | undefined; readonly profile?: Named | undefined } | undefined;
  /**
   * Renews the token where it runs out within that many milliseconds, and there is something to renew it with. Calls at once share one renewal, as
   * `MedplumClient` sees to: a refresh token may be good for one only.
   */
  refreshIfExpired(gracePeriod?: number): Promise<void>;
  /** The client's own `fetch`, with its authorization; older clients have none. */
  wrappedFetch?(url: string, options: RequestInit): Promise<ClientResponse>;
}

interface Named {
  readonly reference?: string | undefined;
}

/** An answer as clients give it: the platform's, that of `node-fetch`, on which bots run, or that of Medplum's `MockClient`. */
export interface ClientResponse {
  readonly status: number;
  readonly headers: Iterable<[string, string]>;
  arrayBuffer?(): Promise<ArrayBuffer>;
  json(): Promise<unknown>;
}
