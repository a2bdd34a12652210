import { isMessagingError } from '@fhir-messaging/core';
import type { MessagingError } from '@fhir-messaging/core';

/** What some work fails with; anything but a MessagingError fails the test. */
export async function failure(work: Promise<unknown>): Promise<MessagingError> {
  try {
    await work;
  } catch (error) {
    if (isMessagingError(error)) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}
