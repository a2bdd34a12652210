import type { CacheClaim, CachedOutcome, ReplyContent } from '@fhir-messaging/core';
import { inputOf } from './handler.ts';
import type { Identified } from './identify.ts';
import { errorIssue, refuse, resultOf } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';
import type { Circumstances, Reception } from './reception.ts';
import { codeOf, writeOutcome } from './write-outcome.ts';

/**
 * Runs the handler of a claimed message, and remembers the outcome before anyone is told of it.
 *
 * A `transient-error` is not remembered, though the letter of the spec would have it replayed: a consequence that is resent could never
 * succeed. What a handler throws is not either. What a handler has done it never does again, not even where its reply cannot be written.
 */
export async function runHandler(claim: CacheClaim, { route, message }: Identified, circumstances: Circumstances, reception: Reception): Promise<ProcessResult> {
  const { cache } = reception;
  let content: ReplyContent;
  try {
    content = (await route.handler(inputOf(route.event, message, circumstances))) ?? {};
  } catch (error) {
    await cache.release(claim);
    circumstances.signal.throwIfAborted();
    report(error, reception);
    return refuse(500, [errorIssue('exception', 'handler.failed', 'The message could not be processed.')]);
  }
  let outcome: CachedOutcome;
  try {
    outcome = writeOutcome(route.event, message, content, reception.writing);
  } catch (error) {
    report(error, reception);
    const diagnostics = 'The message was processed, but its reply could not be written.';
    outcome = { status: 500, reply: undefined, issues: [errorIssue('exception', 'handler.reply', diagnostics)] };
  }
  await (codeOf(content) === 'transient-error' ? cache.release(claim) : cache.complete(claim, outcome));
  return resultOf(outcome);
}

/** Tells the application what happened inside, which no sender is told. */
function report(error: unknown, { onError }: Reception): void {
  try {
    onError?.(error);
  } catch {
    // What a report does wrong is no reason to answer otherwise.
  }
}
