import { MessagingError, readOperationOutcome } from '@fhir-messaging/core';

/** The error for a 401 that a renewed token does not help, or that no token can be renewed for; it has the issues that the server gave. */
export function sessionExpired(body: Uint8Array | undefined): MessagingError {
  const message = 'The server does not accept the session: sign in again.';
  return new MessagingError('session.expired', message, { status: 401, delivery: 'no', issues: readOperationOutcome(body) });
}
