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
    throw new MessagingError('session.expired', 'This began with another session: nothing was processed.', { delivery: 'no' });
  }
}

/**
 * Has the client renew its token: one that runs out, or, with what a 401 said, any. A frozen client could keep no other, and is not asked for one.
 *
 * The client's error is not passed on: the token endpoint's answer may hold a token.
 *
 * @throws {MessagingError} when it fails: `session.expired` where the client has no token any more, else `transport.failed`; each with delivery `no`.
 */
export async function renewToken(medplum: MedplumClientLike, rejection?: Promise<ArrayBuffer | undefined>): Promise<void> {
  try {
    // No token outlives an infinite grace period.
    if (!Object.isFrozen(medplum)) await medplum.refreshIfExpired(rejection && Infinity);
  } catch {
    throw medplum.getAccessToken() === undefined
      ? sessionExpired(await rejection)
      : new MessagingError('transport.failed', 'The token was not renewed: nothing was processed.', { delivery: 'no' });
  }
}
