/** What sending and reading need of a Medplum client: the least that `MedplumClient` of `@medplum/core` has. */
export interface MedplumClientLike {
  /** The URL of what is below the FHIR base. */
  fhirUrl(...path: string[]): URL;
  getAccessToken(): string | undefined;
  /** Has the token renewed where it runs out within so many milliseconds, and there is something to renew it by. */
  refreshIfExpired(gracePeriod?: number): Promise<void>;
  /** The client's own `fetch`, with its authorization; clients before 3.1 have none. */
  wrappedFetch?(url: string, options: RequestInit): Promise<Response>;
}
