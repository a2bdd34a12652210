import type { CacheRecord, IdentityStrategy } from '@fhir-messaging/core';
import type { Patience } from './patience.ts';
import { errorIssue, refuse, resultOf } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';
import type { Circumstances, Reception } from './reception.ts';

/**
 * The answer to a message that is known: that of the first, once there is one.
 *
 * A strategy with a `duplicateStatus` (BaRS: 409) answers with that status and the issue code `duplicate`. Its senders take this for success, so a
 * resend gets the first answer if that was a failure, or if the way it came has no status. The sender is told to ask again, by a 503 with
 * `lock-error`, where the first takes longer than `waitMs`: other than after any other 503, the message may be processed by then.
 *
 * @returns `undefined` when the message has to be looked up again: the first came to nothing, or is being processed elsewhere.
 */
export async function answerKnown(
  { token, outcome }: CacheRecord,
  { duplicateStatus }: IdentityStrategy,
  { signal, errors }: Circumstances,
  reception: Reception,
  patience: Patience,
): Promise<ProcessResult | undefined> {
  if (outcome !== undefined) {
    const known = resultOf(outcome);
    return duplicateStatus === undefined || errors === 'message' || known.status >= 400 || known.responseCode === 'fatal-error'
      ? known
      : refuse(duplicateStatus, [errorIssue('duplicate', 'cache.duplicate', 'This message was processed before.')]);
  }
  const result = await patience.waitFor(reception.running.get(token));
  signal.throwIfAborted();
  if (result === undefined && patience.isOver()) {
    return inFlight(reception);
  }
  return duplicateStatus === undefined ? result : undefined;
}

/** The answer to a sender that has to ask again. */
export function inFlight({ inFlight: { retryAfterSeconds = 1 } }: Reception): ProcessResult {
  return refuse(503, [errorIssue('lock-error', 'cache.in-flight', 'This message is still being processed; ask again.')], retryAfterSeconds, 'in-flight');
}
