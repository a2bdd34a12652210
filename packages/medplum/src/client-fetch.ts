import type { ClientResponse, MedplumClientLike } from './medplum-client.ts';
import { ownerOf, renewToken, sessionExpired } from './session.ts';
import { writable } from './writable.ts';

/** `maxRetries: 0` keeps the client from asking up to three times, whatever came of the first. */
interface ClientInit extends RequestInit {
  readonly maxRetries: 0;
}

/**
 * The client as a `fetch`: its authorization, one request, and the answer as it came.
 *
 * After a 401 the client's token is renewed once, where it can be, and the same request goes out again, since a 401 processed nothing.
 *
 * @param given - the owner of the session that requests go out under. @defaultValue whoever is signed in when the fetch is called
 * @param onLeaving - called right before each request leaves, when its token is there.
 * @throws {MessagingError} `session.expired` for a 401 that stays, or where somebody else is signed in by then; see {@link renewToken}.
 */
export function clientFetch(client: MedplumClientLike, given?: string, onLeaving?: () => void): typeof fetch {
  return async (input, init = {}) => {
    const medplum = writable(client);
    const owner = given ?? ownerOf(medplum);
    const { url } = new Request(input);
    await renewToken(medplum);
    for (let isAgain = false; ; isAgain = true) {
      const token = medplum.getAccessToken();
      if (owner !== undefined && ownerOf(medplum) !== owner) throw await sessionExpired();
      onLeaving?.();
      init.signal?.throwIfAborted();
      const response = await ask(medplum, url, init);
      if (response.status !== 401) {
        return response;
      }
      const body = response.arrayBuffer().catch(() => undefined);
      // Another request may have had the token renewed while this one was under way.
      if (!isAgain && medplum.getAccessToken() === token) await renewToken(medplum, body);
      if (isAgain || (medplum.getAccessToken() ?? token) === token) {
        throw await sessionExpired(body);
      }
    }
  };
}

async function ask(medplum: MedplumClientLike, url: string, init: RequestInit): Promise<Response> {
  // A copy, since the client writes into it; and `Headers`, since the client minds the case of names in a plain object.
  const headers = new Headers(init.headers);
  if (medplum.wrappedFetch) {
    const own: ClientInit = { ...init, headers, maxRetries: 0 };
    return asWebResponse(await medplum.wrappedFetch(url, own));
  }
  const token = medplum.getAccessToken();
  if (token !== undefined && new URL(url).origin === medplum.fhirUrl().origin) {
    headers.set('authorization', `Bearer ${token}`);
  }
  return fetch(url, { ...init, headers });
}

async function asWebResponse(response: ClientResponse): Promise<Response> {
  if (response instanceof Response) {
    return response;
  }
  const bytes = await response.arrayBuffer?.();
  const body = bytes?.byteLength === 0 ? null : (bytes ?? JSON.stringify(await response.json()));
  return new Response(body, { status: response.status, headers: [...response.headers] });
}
