import { MessagingError } from '@fhir-messaging/core';
import { issuesIn } from './issues-in.ts';

/** The error for a 401 that a renewed token does not help, or that no token can be renewed for; it has the issues that the server gave. */
export function sessionExpired(text: string): MessagingError {
  const message = 'The server does not accept the session (401): sign in again.';
  return new MessagingError('session.expired', message, { status: 401, delivery: 'no', issues: issuesIn(text) });
}
