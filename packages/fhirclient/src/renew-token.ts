import { untilAborted } from '@fhir-messaging/core';
import type { SmartClient } from './smart-client.ts';

/** How a client is asked to renew its token. */
type Renewal = 'refreshIfNeeded' | 'refresh';

/** Refreshes under way: a refresh token may be good for one only, so requests of one client wait for the same one. */
const refreshes = new WeakMap<SmartClient, Promise<boolean>>();
/** Those of a `refreshIfNeeded`, which may turn out to be none. */
const checks = new WeakMap<SmartClient, Promise<boolean>>();

/**
 * Lets the client renew its token, until the request is aborted. After a failure the server decides, by a 401, whether the old token still holds.
 *
 * The client gets no signal: fhirclient throws its refresh token away when a refresh is broken off, and others may wait for the same refresh.
 *
 * @returns whether the renewal failed only for now, so that the session is not over.
 */
export async function renewToken(client: SmartClient, how: Renewal, signal: AbortSignal | null | undefined): Promise<boolean> {
  signal?.throwIfAborted();
  const isRefresh = how === 'refresh';
  // A token endpoint may hang, and one server's 401 says nothing of the others: a request that needs the refresh too joins it after its own 401.
  if (!isRefresh && refreshes.has(client)) return false;
  const clients = isRefresh ? refreshes : checks;
  const renewal = clients.get(client) ?? failsForNow(client, how).finally(() => clients.delete(client));
  clients.set(client, renewal);
  return untilAborted(renewal, signal ?? undefined);
}

/**
 * Renews the token, and puts the refresh token back, which fhirclient throws away after any failure, unless the token endpoint refused it: otherwise
 * a lost connection would end the session, and strand what waits to be sent.
 */
async function failsForNow(client: SmartClient, how: Renewal): Promise<boolean> {
  const used = client.getAuthorizationHeader();
  // One under way may renew nothing: only then is something left to do for a `refresh`. A `refreshIfNeeded` is not listed yet itself.
  await checks.get(client);
  const { state, environment } = client;
  const { key, tokenResponse = {} } = state;
  const before = { ...tokenResponse };
  let renewal: Promise<unknown> | undefined;
  try {
    // A frozen client would use its refresh token up, in a request that nobody waits for, and could not keep what it gets. One whose methods are its own
    // may keep it elsewhere, unless its token is frozen in it.
    if (client.getAuthorizationHeader() === used && ![client, state, tokenResponse][Object.hasOwn(client, how) ? 'every' : 'some'](Object.isFrozen)) {
      renewal = client[how]?.();
      await renewal;
    }
    return false;
  } catch (error) {
    // The error is not passed on: the token endpoint's answer may hold a token.
    const status = String(error instanceof Error && 'status' in error && error.status);
    if (before.refresh_token === undefined || refusal.test(status)) return false;
    if (tokenResponse.refresh_token === undefined) {
      Object.assign(tokenResponse, before);
      try {
        if (key !== undefined) await environment?.getStorage().set(key, state);
      } catch {
        // The session goes on without its storage.
      }
    }
    // It does not pass by itself where a client without the scope or the endpoint for a refresh throws at once.
    return renewal !== undefined && !gone.test(status);
  }
}

/** The statuses of OAuth's own errors, after which the refresh token is worth nothing; any other status says nothing of it. */
const refusal = /^40[013]$/;

/** The statuses of a token endpoint that does not come back by itself: somebody has to sign in. */
const gone = /^4(?!08|25|29)/;
