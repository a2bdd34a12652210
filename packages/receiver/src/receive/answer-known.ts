import type { CacheRecord, IdentityStrategy } from '@fhir-messaging/core';
import { errorIssue, refuse, resultOf } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';
import type { Circumstances, Reception } from './reception.ts';

/**
 * The answer to a message that is known: the first one's, once there is one.
 *
 * A strategy with a status of its own for this (BaRS: 409) gets that, with the issue code `duplicate`.
 *
 * @returns `undefined` when the one it waited for came to nothing, so that it has to be looked up again.
 */
export async function answerKnown(
  { token, outcome }: CacheRecord,
  { duplicateStatus }: IdentityStrategy,
  { signal }: Circumstances,
  { running }: Reception,
): Promise<ProcessResult | undefined> {
  if (outcome !== undefined) {
    return duplicateStatus === undefined
      ? resultOf(outcome)
      : refuse(duplicateStatus, [errorIssue('duplicate', 'cache.duplicate', 'This message was processed before.')]);
  }
  const first = running.get(token);
  if (first === undefined) {
    return refuse(503, [errorIssue('transient', 'cache.in-flight', 'This message is being processed elsewhere; ask again.')]);
  }
  const result = await settledOrAborted(first, signal);
  return duplicateStatus === undefined ? result : undefined;
}

/** What the first one's processing gives; nothing where it failed in a way of its own, such as its sender going away, or ours goes away. */
async function settledOrAborted(first: Promise<ProcessResult | undefined>, signal: AbortSignal): Promise<ProcessResult | undefined> {
  let stop = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => {
      resolve(undefined);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  const result = await Promise.race([first.catch(() => undefined), aborted]);
  signal.removeEventListener('abort', stop);
  return result;
}
