import { MessagingError, readOperationOutcome } from '@fhir-messaging/core';
import type { MedplumClientLike } from './medplum-client.ts';

/** The error for a session that is over, or no longer the one that this began with; where a 401 says so, it has the server's issues. */
export async function sessionExpired(rejection?: Promise<ArrayBuffer | undefined>): Promise<MessagingError> {
  const body = await rejection;
  const issues = readOperationOutcome(body && new Uint8Array(body));
  return new MessagingError('session.expired', 'The session is over, or another: sign in again.', { status: rejection && 401, delivery: 'no', issues });
}

/** The person signed in, as text; `undefined` where nobody is, or the client does not say; the same for all logins without names, as of other servers. */
export function ownerOf(medplum: MedplumClientLike): string | undefined {
  const login = medplum.getActiveLogin?.();
  return login && JSON.stringify([login.project, login.profile], ['reference']);
}

/**
 * Has the client renew its token: one that runs out, or, with what a 401 said, any.
 *
 * The client's error is not passed on: the token endpoint's answer may hold a token.
 *
 * @throws {MessagingError} when it fails: `session.expired` where the client has no token any more, else `transport.failed`; each with delivery `no`.
 */
export async function renewToken(medplum: MedplumClientLike, rejection?: Promise<ArrayBuffer | undefined>): Promise<void> {
  try {
    // No token outlives an infinite grace period.
    await medplum.refreshIfExpired(rejection && Infinity);
  } catch {
    throw medplum.getAccessToken() === undefined
      ? await sessionExpired(rejection)
      : new MessagingError('transport.failed', 'The token was not renewed.', { delivery: 'no' });
  }
}
