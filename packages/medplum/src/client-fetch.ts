import type { ClientResponse, MedplumClientLike } from './medplum-client.ts';
import { hasOtherToken, renewToken } from './session.ts';

/** Keeps the client from posting up to three times, whatever came of the first. A GET it may repeat. */
interface ClientInit extends RequestInit {
  readonly maxRetries?: 0;
}

type Ask = (url: string, init: RequestInit) => Promise<ClientResponse>;

/**
 * The client as a `fetch`: its authorization, one request, and the answer as it came.
 *
 * After a 401 the client's token is renewed once, where it can be; the same bytes are then posted once more, since a 401 processed nothing.
 */
export function clientFetch(medplum: MedplumClientLike): typeof fetch {
  const ask = medplum.wrappedFetch === undefined ? askAlone(medplum) : askThrough(medplum, medplum.wrappedFetch);
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    await renewToken(medplum);
    const token = medplum.getAccessToken();
    const response = await asWebResponse(await ask(url, init));
    if (response.status !== 401 || !(await hasOtherToken(medplum, token))) {
      return response;
    }
    await response.body?.cancel();
    return await asWebResponse(await ask(url, init));
  };
}

function askThrough(medplum: MedplumClientLike, wrappedFetch: Ask): Ask {
  return (url, init) => {
    // The client writes into what it is given. It minds the case of a plain object's names, not that of `Headers`.
    const own: ClientInit = { ...init, headers: new Headers(init.headers), ...(init.method === 'POST' && { maxRetries: 0 }) };
    return wrappedFetch.call(medplum, url, own);
  };
}

function askAlone(medplum: MedplumClientLike): Ask {
  return (url, init) => {
    const headers = new Headers(init.headers);
    const token = medplum.getAccessToken();
    if (token !== undefined && new URL(url).origin === medplum.fhirUrl().origin) {
      headers.set('authorization', `Bearer ${token}`);
    }
    return fetch(url, { ...init, headers });
  };
}

async function asWebResponse(response: ClientResponse): Promise<Response> {
  if (response instanceof Response) {
    return response;
  }
  const { status, headers } = response;
  const body = response.arrayBuffer ? await response.arrayBuffer() : JSON.stringify(await response.json());
  const isEmpty = typeof body === 'object' && body.byteLength === 0;
  return new Response(isEmpty ? null : body, { status, headers: new Headers([...headers]) });
}
