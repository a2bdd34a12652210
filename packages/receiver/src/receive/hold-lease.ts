import { MessagingError, onAbort } from '@fhir-messaging/core';
import type { CacheClaim } from '@fhir-messaging/core';
import type { Reception } from './reception.ts';

/** A lease is renewed at the end of each of these parts of its time; at the end of the last it has run out. */
const renewalsPerLease = 3;

/**
 * Renews the lease on a claim while work runs on it.
 *
 * The work's signal aborts with the caller's own reason; with `closed` when the receiver ends its work; with `lease.lost` when somebody else took
 * the claim over, or no renewal succeeded within the lease's time.
 */
export async function holdLease<T>(
  claim: CacheClaim,
  { cache, wait, ending }: Reception,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const working = new AbortController();
  const done = new AbortController();
  let sinceRenewal = 0;
  const lose = (): void => {
    done.abort(over);
    working.abort(leaseLost());
  };
  // `keep` does not wait for the renewal: the lease runs out even if the cache never answers.
  const renew = async (): Promise<void> => {
    const isHeld = await cache.renew(claim).catch(() => undefined);
    if (isHeld === true) {
      sinceRenewal = 0;
    } else if (isHeld === false && !done.signal.aborted) {
      lose();
    }
  };
  const keep = async (): Promise<void> => {
    for (;;) {
      await wait(cache.leaseMs / renewalsPerLease, done.signal);
      if (done.signal.aborted) {
        return;
      }
      sinceRenewal += 1;
      if (sinceRenewal === renewalsPerLease) {
        lose();
        return;
      }
      void renew();
    }
  };
  const leave = onAbort(signal, () => working.abort(signal.reason));
  const stay = onAbort(ending, () => working.abort(ending.reason));
  void keep();
  try {
    return await run(working.signal);
  } finally {
    done.abort(over);
    leave();
    stay();
  }
}

/** A reason for aborts: without one each makes an error with a stack, which costs more than the lease. */
const over = 'over';

/** The error for a lost claim, which the handler's signal and the application get. */
export function leaseLost(): MessagingError {
  return new MessagingError('lease.lost', 'The message was taken over by another process, since its lease was not renewed in time.');
}
