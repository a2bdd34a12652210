/**
 * The part of a SMART client that is used here. The clients of `FHIR.oauth2.ready()` and `FHIR.client()` of fhirclient 2.6 fit, in Node and in the
 * browser, and so does version 3 as it is announced.
 */
export interface SmartClient {
  readonly state: {
    /** The base URL of the server that the app was launched on. */
    readonly serverUrl: string;
    /** The key under which the session is stored. */
    readonly key?: string | undefined;
    /** The scopes that were asked for, separated by blanks. */
    readonly scope?: string | undefined;
    readonly tokenResponse?:
      | {
          /** The scopes that were granted; those that were asked for, where the server does not say. */
          readonly scope?: string | undefined;
          readonly refresh_token?: string | undefined;
        }
      | undefined;
  };
  /** Where the session is stored. */
  readonly environment?: { getStorage(): { set(key: string, session: unknown): unknown } } | undefined;
  /** The value of the `Authorization` header; `null` where the client has none. */
  getAuthorizationHeader(): string | null;
  /** Renews a token that is about to expire. */
  refreshIfNeeded(): Promise<unknown>;
  /** Renews the token now; called only where there is a refresh token. */
  refresh?(): Promise<unknown>;
}
