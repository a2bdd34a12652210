import { isAbsoluteUri } from '../reference/parse-reference.ts';

/**
 * Refuses a base URL that no request can go to, such as `localhost:8080`, whose scheme is `localhost`, or one with userinfo, which `fetch` refuses. It
 * may be relative in a page, or where a `fetch` is given, which may take one. @throws {TypeError} which does not quote it
 */
export function requireHttpBase({ baseUrl, fetch }: { readonly baseUrl: unknown; readonly fetch?: unknown }, taker: string): void {
  const mayBeRelative = fetch !== undefined || typeof location !== 'undefined';
  const isBase = typeof baseUrl === 'string' && (isAbsoluteUri(baseUrl) ? /^https?:\/\/[^/?#@]+([/?#]|$)/i.test(baseUrl) : baseUrl !== '' && mayBeRelative);
  if (!isBase) {
    throw new TypeError(`${taker}: give an http(s) URL without userinfo, such as https://fhir.example.org/r4.`);
  }
}
