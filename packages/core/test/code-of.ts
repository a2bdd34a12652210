import { isMessagingError } from '../src/errors.ts';

/** The code of the error that something throws. */
export function codeOf(act: () => unknown): string {
  try {
    act();
    return 'nothing thrown';
  } catch (error) {
    return isMessagingError(error) ? error.code : String(error);
  }
}
