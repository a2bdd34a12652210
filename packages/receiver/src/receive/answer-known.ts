import type { CacheRecord, IdentityStrategy } from '@fhir-messaging/core';
import type { Patience } from './patience.ts';
import { errorIssue, refuse, resultOf } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';
import type { Circumstances, Reception } from './reception.ts';

/**
 * The answer to a message that is known: the first one's, once there is one.
 *
 * A strategy with a status of its own for this (BaRS: 409) gets that, with the issue code `duplicate`; its sender takes it for success, so that
 * a first one that failed is answered as it was; on a way without a status it gets the first one's answer too. Where the first takes longer than there is patience for, the sender is told to ask again: 503, with
 * `lock-error`, since other than after any other 503 it may have been processed by then.
 *
 * @returns `undefined` when it has to be looked up again: the first came to nothing, or is being processed elsewhere.
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

/** The answer to who has to ask again. */
export function inFlight({ inFlight: { retryAfterSeconds = 1 } }: Reception): ProcessResult {
  return refuse(503, [errorIssue('lock-error', 'cache.in-flight', 'This message is still being processed; ask again.')], retryAfterSeconds);
}
