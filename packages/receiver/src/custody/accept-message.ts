import { isError } from '@fhir-messaging/core';
import type { CacheClaim, CacheRecord } from '@fhir-messaging/core';
import { aboutStored } from '../receive/about-message.ts';
import { inFlight } from '../receive/answer-known.ts';
import type { Identified } from '../receive/identify.ts';
import { refuse, resultOf } from '../receive/process-result.ts';
import type { ProcessResult } from '../receive/process-result.ts';
import type { Circumstances, Reception } from '../receive/reception.ts';
import { report } from '../receive/report.ts';
import type { AsyncExchange } from './async-exchange.ts';
import type { CustodyKeeping } from './custody-keeping.ts';
import { deliverReply, replyExpired } from './deliver-reply.ts';
import { finishMessage } from './finish-message.ts';

/**
 * Accepts a message: stores it with the address for its reply, and only then says so.
 *
 * @returns `undefined` where another claim came first: look it up again.
 */
export async function acceptMessage(
  identified: Identified,
  seen: readonly CacheRecord[],
  { sender, context }: Circumstances,
  { url, keeping }: AsyncExchange,
  reception: Reception,
): Promise<ProcessResult | undefined> {
  if (identified.contractIssues.some(isError)) {
    return refuse(422, identified.contractIssues);
  }
  const { key, digest, message } = identified;
  const claim = { key, digest, token: reception.newId(), fence: 1 };
  const custody = { bytes: message.bytes, replyTo: url, sender, expiresAfterMs: expiryMs(keeping) };
  if (!(await reception.cache.claim(claim, seen, custody))) {
    return undefined;
  }
  keeping.inCustody.set(claim.token, url);
  if (keeping.handling.isFull) {
    await reception.cache.release(claim);
    keeping.postponed.abort();
  } else {
    finishMessage({ claim, custody, outcome: undefined, identified: () => Promise.resolve(identified), context }, keeping, reception);
  }
  return accepted(keeping);
}

/** The answer to an accepted message: nothing but a status. */
export function accepted({ replyTo }: CustodyKeeping): ProcessResult {
  return resultOf({ status: replyTo.acceptedStatus ?? 200, reply: undefined, issues: [] });
}

/**
 * The answer to a message that comes again after its outcome: it is accepted, and the original reply is posted, even if it was posted before, since
 * it may have been lost.
 *
 * The reply is posted until it is taken, but by this process alone: nothing stores that it is on its way. No posting begins while the receiver closes.
 *
 * @param claim - the outcome's: one reply is on its way to one address only once at a time.
 */
export function acceptAgain(result: ProcessResult, claim: CacheClaim, sender: string | undefined, { url, keeping }: AsyncExchange, reception: Reception): ProcessResult {
  const { status, bytes } = result;
  if (bytes === undefined) {
    return status < 300 ? accepted(keeping) : result;
  }
  if (reception.closing.aborted) {
    return inFlight(reception);
  }
  const posting = `${claim.token} ${url}`;
  const about = aboutStored(claim.key, sender);
  if (!keeping.finishing.has(posting)) {
    const work = deliverReply({ url, bytes, sender, about }, expiryMs(keeping), keeping, reception, reception.closing)
      .then((isOver) => {
        if (!isOver && !reception.closing.aborted) report(replyExpired(claim.key.message), reception, about);
      })
      .catch((error: unknown) => {
        report(error, reception, about);
      })
      .then(() => void keeping.finishing.delete(posting));
    keeping.finishing.set(posting, work);
  }
  return accepted(keeping);
}

function expiryMs({ replyTo }: CustodyKeeping): number {
  return (replyTo.expiresAfterMinutes ?? 1440) * 60_000;
}
