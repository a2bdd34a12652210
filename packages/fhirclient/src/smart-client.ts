/**
 * What is needed of a SMART client: what `FHIR.oauth2.ready()` and `FHIR.client()` of fhirclient 2.6 give fits, in Node and in the browser, and
 * so does what is announced as version 3.
 */
export interface SmartClient {
  readonly state: {
    /** The base URL of the server that the app was launched on. */
    readonly serverUrl: string;
    /** What the session is stored under. */
    readonly key?: string | undefined;
    /** The scopes that were asked for, separated by blanks. */
    readonly scope?: string | undefined;
    readonly tokenResponse?:
      | {
          /** The scopes that were granted; what was asked for, where the server does not say. */
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
