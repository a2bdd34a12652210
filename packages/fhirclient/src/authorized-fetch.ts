import { MessagingError } from '@fhir-messaging/core';
import type { SmartClient } from './smart-client.ts';
import { requireTokenOrigin } from './token-origins.ts';

/** What a fetch with a client's authorization is made of. */
export interface AuthorizedFetchOptions {
  readonly send: typeof fetch;
  /** Where the token may go. */
  readonly origins: ReadonlySet<string>;
}

/**
 * A fetch that carries the client's authorization, renewed by the client itself: before it expires, and once where the server answers 401
 * and there is a refresh token; the same request then goes out again. A 401 that stays is handed back as it came.
 *
 * The client's own `request` is not used: it consumes error bodies, follows `Location`, and ends the session at a 401.
 */
export function authorizedFetch(client: SmartClient, { send, origins }: AuthorizedFetchOptions): typeof fetch {
  return async (input, init = {}) => {
    requireTokenOrigin(input instanceof Request ? input.url : String(input), origins);
    const { signal } = init;
    await attempt(() => client.refreshIfNeeded(), signal);
    const used = client.getAuthorizationHeader();
    const response = await send(input, withAuthorization(init, used));
    if (response.status !== 401) {
      return response;
    }
    // Another request may have had it renewed while this one was under way.
    if (client.getAuthorizationHeader() === used && client.state.tokenResponse?.refresh_token !== undefined) {
      await attempt(() => client.refresh?.(), signal);
    }
    const renewed = client.getAuthorizationHeader();
    if (renewed === null || renewed === used) {
      return response;
    }
    await response.body?.cancel();
    return send(input, withAuthorization(init, renewed));
  };
}

/**
 * Lets the client renew its token, until the request is aborted. Where that fails the server decides, by a 401, whether the old one still holds.
 *
 * The client is given no signal: fhirclient throws its refresh token away when a refresh is broken off, and others may wait for the same one.
 */
async function attempt(renew: () => Promise<unknown> | undefined, signal: AbortSignal | null | undefined): Promise<void> {
  let stop = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  signal?.addEventListener('abort', stop);
  try {
    signal?.throwIfAborted();
    await Promise.race([renew(), aborted]);
  } catch {
    // What the token endpoint says may hold a token: it is not passed on.
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  signal?.throwIfAborted();
}

function withAuthorization(init: RequestInit, authorization: string | null): RequestInit {
  const headers = new Headers(init.headers);
  try {
    if (authorization !== null) headers.set('authorization', authorization);
  } catch {
    // What the platform says of a bad header quotes it.
    throw new MessagingError('transport.failed', "The client's authorization is none that HTTP takes: nothing was sent.", { delivery: 'no' });
  }
  return { ...init, headers };
}
