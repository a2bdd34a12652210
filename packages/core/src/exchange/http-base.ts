import { urlOf } from './url-of.ts';

/**
 * Refuses a base URL that no request can go to. It may be relative in a page, or where a `fetch` is given, which may take one; one that begins with `/`
 * anywhere, since the module of a page may be loaded on a server too. @throws {TypeError} which does not quote it
 */
export function requireHttpBase({ baseUrl, fetch }: { readonly baseUrl: unknown; readonly fetch?: unknown }, taker: string): void {
  // What has a scheme and no host is not relative: WHATWG reads the first part of its path as the host, in whatever white space it is.
  const isRelative = typeof baseUrl === 'string' && /^(?![a-z][a-z0-9+.-]*:)\S+$/i.test(baseUrl);
  if (!isRelative || !(baseUrl.startsWith('/') || fetch !== undefined || typeof location !== 'undefined')) {
    requireHttpUrl(baseUrl, taker);
  }
}

/**
 * Refuses what is no absolute http(s) URL, such as `localhost:8080`, whose scheme is `localhost`, or one with userinfo, which `fetch` refuses.
 *
 * @throws {TypeError} which does not quote it
 */
export function requireHttpUrl(url: unknown, taker: string): void {
  if (typeof url !== 'string' || !/^https?:\/\/[^/?#@]+([/?#]|$)/i.test(url) || !urlOf(url)) {
    throw new TypeError(`${taker}: give an http(s) URL without userinfo, such as https://fhir.example.org/r4.`);
  }
}
