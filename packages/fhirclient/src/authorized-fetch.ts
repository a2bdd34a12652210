import { MessagingError } from '@fhir-messaging/core';
import { renewToken } from './renew-token.ts';
import { requireTokenOrigin } from './require-token-origin.ts';
import type { SmartClient } from './smart-client.ts';

/** The options of a fetch with a client's authorization. */
export interface AuthorizedFetchOptions {
  /** @defaultValue the platform's, as it is at each request */
  readonly fetch?: typeof fetch | undefined;
  /** Origins beside the client's own that its token may go to. @defaultValue none */
  readonly allowTokenTo?: readonly string[] | undefined;
}

/**
 * A fetch that carries the client's authorization. The client itself renews it before it expires, and once where the server answers 401 and there is
 * a refresh token; the same request then goes out again. A 401 that stays is handed back as it came, unless the renewal failed without a refusal:
 * then the session is not over.
 *
 * The client's own `request` is not used: it consumes error bodies, follows `Location`, and ends the session at a 401.
 *
 * @param onLeaving - called right before each request leaves, when its token is there.
 * @throws {MessagingError} by the fetch: `address.refused`; `transport.failed`, delivery `no`, for a 401 where the token could not be renewed for now,
 * and for an authorization that is no valid HTTP header.
 */
export function authorizedFetch(client: SmartClient, { fetch: given, allowTokenTo }: AuthorizedFetchOptions, onLeaving?: () => void): typeof fetch {
  return async (input, init = {}) => {
    requireTokenOrigin(input instanceof Request ? input.url : String(input), client, allowTokenTo);
    const { signal } = init;
    const ask = (authorization: string | null): Promise<Response> => {
      const authorized = withAuthorization(init, authorization);
      signal?.throwIfAborted();
      onLeaving?.();
      signal?.throwIfAborted();
      return (given ?? fetch)(input, authorized);
    };
    await renewToken(client, 'refreshIfNeeded', signal);
    const used = client.getAuthorizationHeader();
    const response = await ask(used);
    if (response.status !== 401) {
      return response;
    }
    // Another request may have had the token renewed while this one was under way.
    const isStale = client.getAuthorizationHeader() === used && client.state.tokenResponse?.refresh_token !== undefined;
    const mayPass = isStale && (await renewToken(client, 'refresh', signal));
    const renewed = client.getAuthorizationHeader();
    const isRenewed = renewed !== null && renewed !== used;
    if (!isRenewed && !mayPass) {
      return response;
    }
    // Reading the answer to its end frees the connection, on every platform; nobody waits for that.
    void response.text().catch(() => undefined);
    if (!isRenewed) {
      throw new MessagingError('transport.failed', 'The token was not renewed: nothing was processed.', { status: 401, delivery: 'no' });
    }
    return ask(renewed);
  };
}

function withAuthorization(init: RequestInit, authorization: string | null): RequestInit {
  const headers = new Headers(init.headers);
  try {
    if (authorization !== null) headers.set('authorization', authorization);
  } catch {
    // The platform's own error quotes the header.
    throw new MessagingError('transport.failed', "The authorization is no HTTP header: nothing was sent.", { delivery: 'no' });
  }
  return { ...init, headers };
}
