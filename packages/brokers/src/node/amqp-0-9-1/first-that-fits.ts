import { isMessagingError } from '@fhir-messaging/core';

/**
 * Writes the first of several forms that fits.
 *
 * @throws {MessagingError} `input.limit` where none fits; any other error of `write`.
 */
export async function firstThatFits<T>([form, ...shorter]: readonly T[], write: (form: T) => Promise<void>): Promise<void> {
  if (form === undefined) {
    return;
  }
  try {
    await write(form);
  } catch (error) {
    if (shorter.length === 0 || !isMessagingError(error) || error.code !== 'input.limit') {
      throw error;
    }
    await firstThatFits(shorter, write);
  }
}
