import { untilAborted } from '@fhir-messaging/core';
import type { SmartClient } from './smart-client.ts';

/**
 * Lets the client renew its token, until the request is aborted. Where that fails the server decides, by a 401, whether the old one still holds.
 *
 * The client is given no signal: fhirclient throws its refresh token away when a refresh is broken off, and others may wait for the same one.
 *
 * @returns whether it failed at what may be over the next time, so that the session is not.
 */
export async function renewToken(client: SmartClient, renew: () => Promise<unknown> | undefined, signal: AbortSignal | null | undefined): Promise<boolean> {
  signal?.throwIfAborted();
  return untilAborted(failsForNow(client, renew), signal ?? undefined);
}

/**
 * fhirclient throws its refresh token away whatever a refresh fails at. Only where the token endpoint refuses it is it worth nothing: without a
 * connection the session would be over, and what waits to be sent with it.
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
    // What the token endpoint says may hold a token: it is not passed on.
    if (tokenResponse === undefined || before.refresh_token === undefined || refusals.has(statusOf(error))) return false;
    if (tokenResponse.refresh_token === undefined) {
      Object.assign(tokenResponse, before);
      if (key !== undefined) await Promise.resolve(environment?.getStorage().set(key, state)).catch(() => undefined);
    }
    // For want of a scope or an endpoint it throws at once; what is frozen takes no token. Neither passes.
    return renewal !== undefined && !Object.isFrozen(state) && !Object.isFrozen(tokenResponse) && mayPass(statusOf(error));
  }
}

/** The statuses of OAuth's own errors: the refresh token is worth nothing. Any other says nothing of it. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403]);

/** A token endpoint that is gone does not come back by itself: somebody has to sign in. */
function mayPass(status: number): boolean {
  return !(status >= 400 && status < 500) || [408, 425, 429].includes(status);
}

/** The status that the token endpoint answered with; `NaN` where there was no answer, or none with an error status. */
function statusOf(error: unknown): number {
  return error instanceof Error && 'status' in error ? Number(error.status) : NaN;
}
