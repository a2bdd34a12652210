import { urlOf } from './url-of.ts';

/** Where a message is posted to, and how its reply is asked for. */
export interface MessageUrlParts {
  readonly baseUrl: string;
  /** The path that is posted to, below the base. */
  readonly path: string;
  readonly async?: boolean | undefined;
  readonly responseUrl?: string | undefined;
}

const operation = /\/(\$|%24)process-messages?$/;

/**
 * The base of a server's address: without the operation, its fragment (EPS puts the event there), and slashes at its end, and with the host in lower
 * case and without a default port.
 */
export function baseOf(address: string): string {
  const bare = address.replace(/#.*$/s, '').replace(/\/+$/, '').replace(operation, '');
  return bare.replace(/^https?:\/\/[^/?@\\]+/i, (origin) => urlOf(origin)?.origin ?? origin);
}

/**
 * The URL that a message is posted to. The operation is not written twice where the base already ends in it, under either of the names
 * that servers give it; the base's query stays the query.
 *
 * @see {@link https://hl7.org/fhir/R4/messageheader-operation-process-message.html} $process-message: `async`, `response-url`
 */
export function messageUrl({ baseUrl, path, async, responseUrl }: MessageUrlParts): string {
  const [address, ownQuery] = atQuery(baseUrl.replace(/#.*$/s, ''));
  const base = address.replace(/\/+$/, '');
  const below = path.replace(/^\/+/, '');
  const isWhole = below === '' || base.endsWith(`/${below}`) || (below === '$process-message' && operation.test(base));
  const [target, pathQuery] = atQuery(isWhole ? base : `${base}/${below}`);
  const query = [ownQuery, pathQuery, async && 'async=true', responseUrl && `response-url=${encodeURIComponent(responseUrl)}`].filter(Boolean);
  return query.length === 0 ? target : `${target}?${query.join('&')}`;
}

/** A URL and its query. */
function atQuery(url: string): readonly [string, string?] {
  const [address = '', ...query] = url.split('?');
  return [address, query.join('?')];
}
