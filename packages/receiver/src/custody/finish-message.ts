import type { CacheClaim, CachedOutcome, Custody } from '@fhir-messaging/core';
import { aboutStored } from '../receive/about-message.ts';
import { holdLease, leaseLost } from '../receive/hold-lease.ts';
import { toErrorMessage } from '../receive/error-message.ts';
import type { Identified } from '../receive/identify.ts';
import { resultOf } from '../receive/process-result.ts';
import { report } from '../receive/report.ts';
import { runHandler } from '../receive/run-handler.ts';
import type { Reception } from '../receive/reception.ts';
import type { CustodyKeeping } from './custody-keeping.ts';
import { deliverReply } from './deliver-reply.ts';

/** A message in custody, under a claim that is held. */
export interface InCustody {
  readonly claim: CacheClaim;
  readonly custody: Custody;
  /** The outcome, where the handler has run already. */
  readonly outcome: CachedOutcome | undefined;
  /** Reads the message, again where it comes from the cache; `undefined` where nobody handles it here now. */
  readonly identified: () => Promise<Identified | undefined>;
  readonly context: unknown;
}

/**
 * Finishes an accepted message: its handler runs where it has not, its reply is posted until it is taken, and its custody ends.
 *
 * The message stays in custody, and is taken up again until it expires, where its handler throws or its reply is not taken in time. A
 * `transient-error` is a reply like any other, after which a resend is processed anew; a message that wants no reply stays in custody then, since
 * nobody would send it again.
 */
export function finishMessage(message: InCustody, keeping: CustodyKeeping, reception: Reception): void {
  const { token, key } = message.claim;
  const about = aboutStored(key, message.custody.sender);
  const work = finish(message, keeping, reception)
    .catch(async (error: unknown) => {
      report(error, reception, about);
      await reception.cache.release(message.claim);
    })
    .catch((error: unknown) => {
      report(error, reception, about);
    })
    .finally(() => {
      keeping.finishing.delete(token);
      keeping.givenUp.delete(token);
    });
  keeping.finishing.set(token, work);
}

async function finish(message: InCustody, keeping: CustodyKeeping, reception: Reception): Promise<void> {
  const { claim, custody } = message;
  const { cache } = reception;
  const mustWait = keeping.handling.isFull;
  const run = async (): Promise<CachedOutcome | undefined> => {
    // The lease was not renewed while the message waited: another process may have it by now, or be done with it.
    if (mustWait && !(await cache.renew(claim))) throw leaseLost();
    return process(message, keeping, reception);
  };
  const outcome = message.outcome ?? (await keeping.handling.run(run));
  if (outcome === undefined) {
    return;
  }
  const bytes = outcome.reply ?? (await unwritten(message, outcome, reception));
  const { replyTo: url, sender, expiresAfterMs } = custody;
  const isOver =
    bytes === undefined ||
    (await holdLease(claim, reception, new AbortController().signal, (signal) => deliverReply({ url, bytes, sender, about: aboutStored(claim.key, sender) }, expiresAfterMs, keeping, reception, signal)));
  if (isOver) {
    await cache.delivered(claim);
  }
  // Released in any case: for another round where the reply is still to be delivered, or to free the id after a transient-error.
  await cache.release(claim);
}

/** A reply that says that the handler's own could not be written: the sender of an accepted message gets no status that would. */
async function unwritten({ identified }: InCustody, outcome: CachedOutcome, { writing }: Reception): Promise<CachedOutcome['reply']> {
  const known = outcome.status === 500 ? await identified() : undefined;
  return known && toErrorMessage(resultOf(outcome), known.message, writing).bytes;
}

async function process({ claim, custody, identified, context }: InCustody, keeping: CustodyKeeping, reception: Reception): Promise<CachedOutcome | undefined> {
  const known = await identified();
  if (known === undefined) {
    await reception.cache.release(claim);
    return undefined;
  }
  const circumstances = { sender: custody.sender, signal: new AbortController().signal, context, limits: undefined, isInCustody: true };
  const result = await runHandler(claim, known, circumstances, reception);
  if (result?.status === 503) {
    await reception.cache.release(claim);
    return undefined;
  }
  // A transient-error is not remembered: a resend from now on is to be processed, and not taken for this message.
  if (result?.responseCode === 'transient-error') {
    keeping.givenUp.add(claim.token);
  }
  return result && { status: result.status, reply: result.bytes, issues: result.issues };
}
