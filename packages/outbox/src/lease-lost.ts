import { isMessagingError } from '@fhir-messaging/core';

/** Whether an error says that the entry is somebody else's by now, or gone. */
export function isLost(error: unknown): boolean {
  return isMessagingError(error) && error.code === 'lease.lost';
}

/** Whether a change was made; `false` where somebody else's came before it. */
export async function orLost(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (isLost(error)) return false;
    throw error;
  }
}
