/** What the platform's `Headers` are made of: a record, a list of pairs, or other headers. */
export type HeadersLike = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/** FHIR's media type for JSON (http.html#mime-type). */
export const fhirJson = 'application/fhir+json';

/** The headers of a request to a FHIR server, which ask for JSON by default. @throws {TypeError} the platform's, of a header that is none. */
export function fhirHeaders(asked: HeadersLike | undefined): Headers {
  const headers = new Headers(asked);
  if (!headers.has('accept')) headers.set('accept', fhirJson);
  return headers;
}
