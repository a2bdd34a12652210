import { isAbsoluteUri } from '../reference/parse-reference.ts';

/** Refuses a base URL that no request can go to, such as `localhost:8080`, whose scheme is `localhost`; a page may use a relative one. @throws {TypeError} */
export function requireHttpBase(baseUrl: unknown, taker: string): void {
  if (typeof baseUrl !== 'string' || (isAbsoluteUri(baseUrl) && !/^https?:\/\//i.test(baseUrl))) {
    throw new TypeError(`${taker}: give an http(s) baseUrl, such as https://fhir.example.org/r4.`);
  }
}
