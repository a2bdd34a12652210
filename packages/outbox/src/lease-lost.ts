import { isMessagingError } from '@fhir-messaging/core';

/** Whether an entry is somebody else's by now, or gone. */
export function isLost(error: unknown): boolean {
  return isMessagingError(error) && error.code === 'lease.lost';
}

/** Whether a change was made, and not somebody else's before it. */
export async function orLost(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (isLost(error)) return false;
    throw error;
  }
}
