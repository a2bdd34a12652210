import { isAbsoluteUri } from '../reference/parse-reference.ts';

/**
 * Refuses a base URL that no request can go to, such as `localhost:8080`, whose scheme is `localhost`, or one with userinfo, which `fetch` refuses; a page
 * may use a relative one. @throws {TypeError} which does not quote it
 */
export function requireHttpBase(baseUrl: unknown, taker: string): void {
  const isBase = typeof baseUrl === 'string' && (isAbsoluteUri(baseUrl) ? /^https?:\/\/[^/?#@]+([/?#]|$)/i.test(baseUrl) : baseUrl !== '' && typeof location !== 'undefined');
  if (!isBase) {
    throw new TypeError(`${taker}: give an http(s) URL without userinfo, such as https://fhir.example.org/r4.`);
  }
}
