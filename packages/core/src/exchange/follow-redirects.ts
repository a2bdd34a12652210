import { readBody } from './read-body.ts';
import { urlOf } from './url-of.ts';

const mostHops = 5;

/**
 * Follows 307 and 308, the redirects that keep the method and the body, within the origin and the origins that are allowed; any other
 * answer is handed back as it came.
 *
 * @param again - posts to the target; told whether that, and every target before it, is on the origin of the first URL: what another origin chose
 * gets none of our headers.
 */
export async function followRedirects(
  first: Response,
  url: string,
  allowed: readonly string[],
  again: (target: string, isOwn: boolean) => Promise<Response>,
): Promise<Response> {
  let response = first;
  let from = url;
  let isOwn = true;
  for (let hop = 0; hop < mostHops && (response.status === 307 || response.status === 308); hop += 1) {
    const location = response.headers.get('location');
    const target = location === null ? undefined : urlOf(location, from);
    if (target === undefined) {
      return response;
    }
    const { href, origin } = target;
    const { origin: own } = new URL(url);
    if (origin !== own && !allowed.includes(origin)) {
      return response;
    }
    isOwn &&= origin === own;
    // Frees the connection; nobody waits for a redirect's own body.
    void readBody(response, 0);
    response = await again((from = href), isOwn);
  }
  return response;
}
