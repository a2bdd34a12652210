import type { CacheClaim, CachedOutcome, Custody } from '@fhir-messaging/core';
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
  /** What came of it already. */
  readonly outcome: CachedOutcome | undefined;
  /** What it says; where it comes from the cache it is read again, and `undefined` where nobody handles it here now. */
  readonly identified: () => Promise<Identified | undefined>;
  readonly context: unknown;
}

/**
 * Finishes an accepted message: its handler runs where it has not, its reply is posted until it is taken, and its custody ends.
 *
 * A handler that throws, and a reply that is not taken in time, leave it in custody: it is taken up again until it expires. A
 * `transient-error` is a reply like any other, after which the message may come again and is processed anew; where no reply is wanted nobody would
 * send it again, so that it stays in custody too.
 */
export function finishMessage(message: InCustody, keeping: CustodyKeeping, reception: Reception): void {
  const { token } = message.claim;
  const work = finish(message, keeping, reception)
    .catch(async (error: unknown) => {
      report(error, reception);
      await reception.cache.release(message.claim);
    })
    .catch((error: unknown) => {
      report(error, reception);
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
    // Nobody renewed its lease while it waited: another process may have it by now, or be done with it.
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
    (await holdLease(claim, reception, new AbortController().signal, (signal) => deliverReply({ url, bytes, sender }, expiresAfterMs, keeping, reception, signal)));
  if (isOver) {
    await cache.delivered(claim);
  }
  // Gives up what is left of it: a reply that is still to be delivered, or the id of a transient-error.
  await cache.release(claim);
}

/** A processed message whose reply could not be written has no status that would say so: a reply does. */
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
  // It is not remembered: whatever comes from now on is to be processed, and not taken for this one.
  if (result?.responseCode === 'transient-error') {
    keeping.givenUp.add(claim.token);
  }
  return result && { status: result.status, reply: result.bytes, issues: result.issues };
}
