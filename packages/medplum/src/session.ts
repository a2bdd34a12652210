import { MessagingError, readOperationOutcome } from '@fhir-messaging/core';
import type { MedplumClientLike } from './medplum-client.ts';

/** The error for a session that the server does not accept; it has the server's issues. */
export function sessionExpired(body?: ArrayBuffer): MessagingError {
  const issues = readOperationOutcome(body && new Uint8Array(body));
  return new MessagingError('session.expired', 'The server does not accept the session: sign in again.', { status: 401, delivery: 'no', issues });
}

/** The person signed in, as text; `undefined` where nobody is, or the client does not say; the same for all logins without names, as of other servers. */
export function ownerOf(medplum: MedplumClientLike): string | undefined {
  const login = medplum.getActiveLogin?.();
  return login && JSON.stringify([login.project, login.profile], ['reference']);
}

/** Refuses to go on under another session than the message's own. @throws {MessagingError} `session.expired`, delivery `no`. */
export function requireOwner(medplum: MedplumClientLike, owner: string | undefined): void {
  if (owner !== undefined && ownerOf(medplum) !== owner) {
    throw new MessagingError('session.expired', 'This began with another session: nothing was sent.', { delivery: 'no' });
  }
}

/**
 * Has the client renew a token that runs out, before anything is sent.
 *
 * The client's error is not passed on: the token endpoint's answer may hold a token.
 *
 * @throws {MessagingError} `session.expired` when the client has ended its session over the failure, else `transport.failed`; each with delivery `no`.
 */
export async function renewToken(medplum: MedplumClientLike): Promise<void> {
  const token = medplum.getAccessToken();
  try {
    await medplum.refreshIfExpired();
  } catch {
    throw token !== undefined && medplum.getAccessToken() === undefined
      ? sessionExpired()
      : new MessagingError('transport.failed', 'The token could not be renewed: nothing was sent.', { delivery: 'no' });
  }
}

/** Whether there is a token to try that was not rejected: another request's, or a new one. */
export async function hasOtherToken(medplum: MedplumClientLike, rejected: string | undefined): Promise<boolean> {
  if (medplum.getAccessToken() === rejected) {
    // No token outlives an infinite grace period, so it is renewed in any case. Where that fails, the 401 stands.
    await medplum.refreshIfExpired(Infinity).catch(() => undefined);
  }
  const token = medplum.getAccessToken();
  return token !== undefined && token !== rejected;
}
