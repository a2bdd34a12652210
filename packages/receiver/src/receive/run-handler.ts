import { isError, isMessagingError, untilAborted } from '@fhir-messaging/core';
import type { CacheClaim, CacheWork, Issue, ReplyContent } from '@fhir-messaging/core';
import { aboutRead } from './about-message.ts';
import { inputOf } from './handler.ts';
import { holdLease, leaseLost } from './hold-lease.ts';
import type { Identified } from './identify.ts';
import { errorIssue, refuse, resultOf } from './process-result.ts';
import type { ProcessResult } from './process-result.ts';
import type { Circumstances, Reception } from './reception.ts';
import { report } from './report.ts';
import { writeOutcome, writeTransient } from './write-outcome.ts';
import type { WrittenOutcome } from './write-outcome.ts';

/**
 * Runs the handler of a claimed message, and remembers the outcome before anyone is told of it.
 *
 * A `transient-error` is not remembered, though the letter of the spec would have it replayed: a consequence that is resent could never
 * succeed. Nor is a failure: a handler that throws, or whose commit fails. The application is told of that, and the sender gets a 500. A handler that
 * is done never runs again, not even where its reply cannot be written, or says `ok` beside an error; a `transient-error` has done nothing, and is told
 * by its code and its issues alone where its reply cannot be written as it is.
 *
 * A handler that still runs when the receiver ends its work has failed too; it is left behind. None begins after that: the message is given up.
 *
 * The claim on a message in custody is kept after a `transient-error`, which its sender is still to be told; and nobody waits for the answer to a
 * handler that throws.
 *
 * @returns `undefined` where the claim went to another process, whose outcome counts, or the message stays in custody.
 * @throws {MessagingError} `closed` where the receiver has ended its work before the handler began.
 */
export async function runHandler(
  claim: CacheClaim,
  identified: Identified,
  circumstances: Circumstances,
  reception: Reception,
): Promise<ProcessResult | undefined> {
  const { ending } = reception;
  const tell = (error: unknown): void => report(error, reception, aboutRead(identified, circumstances.sender));
  if (ending.aborted) {
    await reception.cache.release(claim).catch(tell);
    ending.throwIfAborted();
  }
  const work = reception.cache.begin(claim);
  try {
    return await holdLease(claim, reception, circumstances.signal, (signal) => runWork(claim, work, identified, { ...circumstances, signal }, reception));
  } catch (error) {
    if (isMessagingError(error) && error.code === 'lease.lost') {
      tell(error);
      return undefined;
    }
    throw error;
  }
}

async function runWork(
  claim: CacheClaim,
  work: CacheWork<unknown>,
  identified: Identified,
  { sender, context, signal, isInCustody }: Circumstances,
  reception: Reception,
): Promise<ProcessResult | undefined> {
  const { route, message } = identified;
  const tell = (error: unknown): void => report(error, reception, aboutRead(identified, sender));
  const giveUp = async (): Promise<void> => {
    await work.rollback();
    await reception.cache.release(claim);
  };
  const { ending } = reception;
  const handle = async (): Promise<ReplyContent | undefined | void> => route.handler(inputOf(route.event, message, { sender, context, signal, transaction: work.transaction }));
  let content: ReplyContent;
  try {
    content = (await untilAborted(handle(), ending)) ?? {};
  } catch (error) {
    // An abort by the caller is no news to the application; any other error is.
    if (!signal.aborted || error !== signal.reason || ending.aborted) tell(error);
    await giveUp();
    if (signal.reason !== ending.reason) signal.throwIfAborted();
    return isInCustody ? undefined : handlerFailed();
  }
  const isContradictory = saysOkBesideError(content);
  if (isContradictory) {
    tell(new TypeError('A handler said ok, and gave an issue that is an error: it counts as fatal-error. Leave out the code, or say fatal-error.'));
    await work.rollback();
  }
  const { outcome, code } = written(route.event, message, isContradictory ? { code: 'fatal-error', issues: content.issues } : content, reception, tell);
  if (code === 'transient-error') {
    await (isInCustody ? work.rollback() : giveUp());
    // A transient-error stores nothing, so the fence was not checked yet: a process that lost the claim must not reply.
    if (isInCustody && !(await reception.cache.renew(claim))) {
      throw leaseLost();
    }
    return resultOf(outcome, undefined, code);
  }
  let isHeld: boolean;
  try {
    isHeld = await (isContradictory ? reception.cache.begin(claim) : work).commit(outcome);
  } catch (error) {
    // The commit has given the claim up.
    tell(error);
    if (signal.reason !== ending.reason) signal.throwIfAborted();
    return isInCustody ? undefined : handlerFailed();
  }
  if (!isHeld) {
    throw leaseLost();
  }
  return resultOf(outcome, undefined, code);
}

function handlerFailed(): ProcessResult {
  return refuse(500, [errorIssue('exception', 'handler.failed', 'The message could not be processed.')]);
}

/** Whether a reply would break the rule `response.severity`. Handlers in JavaScript may return anything. */
function saysOkBesideError({ code, issues }: ReplyContent): boolean {
  return code === 'ok' && Array.isArray(issues) && issues.some((issue?: Issue) => issue && isError(issue));
}

function written(event: Identified['route']['event'], message: Identified['message'], content: ReplyContent, { writing }: Reception, tell: (error: unknown) => void): WrittenOutcome {
  try {
    return writeOutcome(event, message, content, writing);
  } catch (error) {
    tell(error);
    if (content.code === 'transient-error') {
      return writeTransient(event, message, content, writing);
    }
    const diagnostics = 'The message was processed, but its reply could not be written.';
    return { code: undefined, outcome: { status: 500, reply: undefined, issues: [errorIssue('exception', 'handler.reply', diagnostics)] } };
  }
}
