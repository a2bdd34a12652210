import { MessagingError } from '@fhir-messaging/core';
import type { CacheClaim, CustodyRecord } from '@fhir-messaging/core';
import { aboutStored } from '../receive/about-message.ts';
import { identify } from '../receive/identify.ts';
import type { Identified } from '../receive/identify.ts';
import { isResult } from '../receive/process-result.ts';
import { readIncoming } from '../receive/read-incoming.ts';
import type { Reception } from '../receive/reception.ts';
import { report } from '../receive/report.ts';
import type { CustodyKeeping } from './custody-keeping.ts';
import { replyExpired } from './deliver-reply.ts';
import { finishMessage } from './finish-message.ts';

/** Makes what handlers get as `context` for a message that is taken up again. */
export type ResumedContext = (custody: { readonly sender: string | undefined }) => unknown;

/**
 * Takes up accepted messages that were not finished, here or in a process that is gone, from now on until the receiver is closed.
 *
 * @returns a promise of the first round: every message that was left is then being finished, or done.
 */
export async function resumeUnfinished(keeping: CustodyKeeping, context: ResumedContext | undefined, reception: Reception): Promise<void> {
  if (keeping.isResuming) {
    return;
  }
  keeping.isResuming = true;
  keeping.round = takeUp(keeping, context, reception);
  try {
    await keeping.round;
  } finally {
    // Even after a failure: a database that is away at the start comes back.
    void keepOn(keeping, context, reception);
  }
}

async function keepOn(keeping: CustodyKeeping, context: ResumedContext | undefined, reception: Reception): Promise<void> {
  const { closing, wait } = reception;
  for (;;) {
    await wait(keeping.replyTo.resumeEveryMs ?? 15_000, AbortSignal.any([closing, keeping.postponed.signal]));
    if (closing.aborted) {
      return;
    }
    keeping.postponed = new AbortController();
    keeping.round = takeUp(keeping, context, reception);
    try {
      await keeping.round;
    } catch (error) {
      report(error, reception);
    }
  }
}

/** One round: each message once, so that one that fails at once waits for the next round. */
async function takeUp(keeping: CustodyKeeping, context: ResumedContext | undefined, reception: Reception): Promise<void> {
  const before = [...keeping.inCustody.keys()];
  const seen = new Set<string>();
  for (;;) {
    const batch = (await reception.cache.unfinished()).filter(({ token }) => !seen.has(token));
    for (const record of batch) {
      const { token, custody, outcome } = record;
      seen.add(token);
      keeping.inCustody.set(token, custody.replyTo);
      // A message with an outcome needs no handler's slot.
      if (outcome === undefined) {
        await keeping.handling.untilFree();
      }
      if (reception.closing.aborted) {
        return;
      }
      await takeUpOne(record, keeping, context, reception);
    }
    if (batch.length === 0) {
      for (const token of before) if (!seen.has(token) && !keeping.finishing.has(token)) keeping.inCustody.delete(token);
      return;
    }
  }
}

/** Finishes a message, unless somebody is finishing it; one that has to wait for the next round is released. */
async function takeUpOne(record: CustodyRecord, keeping: CustodyKeeping, context: ResumedContext | undefined, reception: Reception): Promise<void> {
  const { token, custody, outcome } = record;
  const claim = keeping.finishing.has(token) ? undefined : await reception.cache.takeOver(record);
  if (claim === undefined) {
    return;
  }
  if (custody.expiresAfterMs <= 0) {
    await forgetExpired(claim, custody.sender, outcome === undefined, reception);
    return;
  }
  const given = reception.closing.aborted ? undefined : contextFor(record, context, reception);
  if (given) {
    finishMessage({ claim, custody, outcome, identified: () => readAgain(record, reception), context: given.context }, keeping, reception);
  } else {
    // The release ends this lease after all others: in the next round the message comes last, and hides no other.
    await reception.cache.release(claim);
  }
}

/** Ends the custody of a message that expired, and tells the application: the sender waits for a reply that does not come. */
async function forgetExpired(claim: CacheClaim, sender: string | undefined, isUnprocessed: boolean, reception: Reception): Promise<void> {
  const text = `A message was accepted, and not processed before it expired: ${claim.key.message}. Nothing replies to it.`;
  report(isUnprocessed ? new MessagingError('transport.timeout', text) : replyExpired(claim.key.message), reception, aboutStored(claim.key, sender));
  await reception.cache.delivered(claim);
  await reception.cache.release(claim);
}

/** The handler's context; `undefined` where the application fails to make it: that message alone waits for the next round. */
function contextFor({ key, custody }: CustodyRecord, context: ResumedContext | undefined, reception: Reception): { readonly context: unknown } | undefined {
  try {
    return { context: context?.(custody) };
  } catch (error) {
    report(error, reception, aboutStored(key, custody.sender));
    return undefined;
  }
}

async function readAgain({ key, custody }: CustodyRecord, reception: Reception): Promise<Identified | undefined> {
  // The limits were checked when the message was accepted.
  const limits = { maxBytes: Infinity, maxEntries: Infinity };
  const incoming = readIncoming(custody.bytes, reception.routes.map(({ event }) => event), { limits, ownsBytes: true });
  const identified = isResult(incoming) ? incoming : await identify(incoming, custody.sender, reception);
  if (!isResult(identified)) {
    return identified;
  }
  report(new TypeError(`receiver.resume: a message that was accepted is not handled here any more (${identified.issues.map(({ rule }) => rule).join()}).`), reception, aboutStored(key, custody.sender));
  return undefined;
}
