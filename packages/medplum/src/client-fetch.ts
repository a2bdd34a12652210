import type { MedplumSender } from './medplum-client.ts';

/** Asks the client for no retry of its own: it would post up to three times, whatever came of the first. */
interface OnceOnly extends RequestInit {
  readonly maxRetries: 0;
}

/** What is put into `fetch` is a URL as text here. */
type Post = (url: string, init: RequestInit) => Promise<Response>;

/**
 * The client as a `fetch`: its authorization, one request, and the answer as it came.
 *
 * After a 401 the client's token is renewed once, where it can be; the same bytes are then posted once more, since a 401 processed nothing.
 */
export function clientFetch(medplum: MedplumSender): typeof fetch {
  const post = medplum.wrappedFetch === undefined ? postAlone(medplum) : postThrough(medplum);
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const token = medplum.getAccessToken();
    const response = await post(url, init);
    if (response.status !== 401 || !(await hasOtherToken(medplum, token))) {
      return await asWebResponse(response);
    }
    return await asWebResponse(await post(url, init));
  };
}

function postThrough(medplum: MedplumSender): Post {
  return (url, init) => {
    // The client writes into what it is given. It minds the case of a plain object's names, not that of `Headers`.
    const once: OnceOnly = { ...init, headers: new Headers(init.headers), maxRetries: 0 };
    return medplum.wrappedFetch?.(url, once) ?? fetch(url, init);
  };
}

function postAlone(medplum: MedplumSender): Post {
  return async (url, init) => {
    await medplum.refreshIfExpired();
    const headers = new Headers(init.headers);
    const token = medplum.getAccessToken();
    if (token !== undefined && new URL(url).origin === medplum.fhirUrl().origin) {
      headers.set('authorization', `Bearer ${token}`);
    }
    return await fetch(url, { ...init, headers });
  };
}

/** No token is fresh enough for a grace period without end: whoever can, renews it. */
async function hasOtherToken(medplum: MedplumSender, rejected: string | undefined): Promise<boolean> {
  try {
    if (medplum.getAccessToken() === rejected) {
      await medplum.refreshIfExpired(Infinity);
    }
  } catch {
    return false;
  }
  const token = medplum.getAccessToken();
  return token !== undefined && token !== rejected;
}

/** Bots run on `node-fetch`, whose body is a stream of Node's. */
async function asWebResponse(response: Response): Promise<Response> {
  const { status } = response;
  if (!response.body || typeof response.body.getReader === 'function') {
    return response;
  }
  const bytes = await response.arrayBuffer();
  return new Response(bytes.byteLength === 0 ? null : bytes, { status, headers: new Headers([...response.headers]) });
}
