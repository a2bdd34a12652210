import { MessagingError, readOperationOutcome } from '@fhir-messaging/core';

/** The error for a 401 that stays with a renewed token, or for which none can be renewed; it has the server's issues. */
export function sessionExpired(body: Uint8Array | undefined): MessagingError {
  return new MessagingError('session.expired', 'The server does not accept the session: sign in again.', { status: 401, delivery: 'no', issues: readOperationOutcome(body) });
}
