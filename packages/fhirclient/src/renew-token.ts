import { untilAborted } from '@fhir-messaging/core';
import type { SmartClient } from './smart-client.ts';

/**
 * Lets the client renew its token, until the request is aborted. After a failure the server decides, by a 401, whether the old token still holds.
 *
 * The client gets no signal: fhirclient throws its refresh token away when a refresh is broken off, and others may wait for the same refresh.
 *
 * @returns whether the renewal failed only for now, so that the session is not over.
 */
export async function renewToken(client: SmartClient, renew: () => Promise<unknown> | undefined, signal: AbortSignal | null | undefined): Promise<boolean> {
  signal?.throwIfAborted();
  return untilAborted(failsForNow(client, renew), signal ?? undefined);
}

/**
 * Renews the token, and puts the refresh token back, which fhirclient throws away after any failure, unless the token endpoint refused it: otherwise
 * a lost connection would end the session, and strand what waits to be sent.
 */
async function failsForNow({ state, environment }: SmartClient, renew: () => Promise<unknown> | undefined): Promise<boolean> {
  const { key, tokenResponse } = state;
  const before = { ...tokenResponse };
  let renewal: Promise<unknown> | undefined;
  try {
    renewal = renew();
    await renewal;
    return false;
  } catch (error) {
    // The error is not passed on: the token endpoint's answer may hold a token.
    if (tokenResponse === undefined || before.refresh_token === undefined || refusals.has(statusOf(error))) return false;
    if (tokenResponse.refresh_token === undefined) {
      Object.assign(tokenResponse, before);
      if (key !== undefined) await Promise.resolve(environment?.getStorage().set(key, state)).catch(() => undefined);
    }
    // Neither passes: a client without the scope or the endpoint for a refresh throws at once, and a frozen state takes no token.
    return renewal !== undefined && !Object.isFrozen(state) && !Object.isFrozen(tokenResponse) && mayPass(statusOf(error));
  }
}

/** The statuses of OAuth's own errors, after which the refresh token is worth nothing; any other status says nothing of it. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403]);

/** A token endpoint that is gone does not come back by itself: somebody has to sign in. */
function mayPass(status: number): boolean {
  return !(status >= 400 && status < 500) || [408, 425, 429].includes(status);
}

/** The status that the token endpoint answered with; `NaN` where there was no answer, or none with an error status. */
function statusOf(error: unknown): number {
  return error instanceof Error && 'status' in error ? Number(error.status) : NaN;
}
