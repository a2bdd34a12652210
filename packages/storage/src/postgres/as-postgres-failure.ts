import { isMessagingError } from '@fhir-messaging/core';
import type { MessagingError } from '@fhir-messaging/core';
import { storageUnavailable } from '../storage-failure.ts';

/** An error of PostgreSQL or its driver, by its code alone: its detail quotes rows. */
export function asPostgresFailure(error: unknown): MessagingError {
  if (isMessagingError(error)) {
    return error;
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return storageUnavailable('PostgreSQL', typeof code === 'string' ? code : 'no connection');
}
