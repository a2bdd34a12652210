import { MessagingError, onAbort } from '@fhir-messaging/core';
import type { CacheClaim } from '@fhir-messaging/core';
import type { Reception } from './reception.ts';

/** In how many parts of a lease's time it is renewed: at the end of the last, it has run out. */
const renewalsPerLease = 3;

/**
 * Renews the lease on a claim while work runs on it.
 *
 * The work's signal aborts with the caller's own reason, or with `lease.lost` when somebody else took the claim over, or nobody can say for
 * as long as the lease lasts.
 */
export async function holdLease<T>(
  claim: CacheClaim,
  { cache, wait }: Reception,
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
  // Nobody waits for an answer: one that never comes is none, and the lease runs out all the same.
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
  void keep();
  try {
    return await run(working.signal);
  } finally {
    done.abort(over);
    leave();
  }
}

/** An abort without a reason makes an error with a stack, which costs more than the lease. */
const over = 'over';

/** What a handler's signal, and the application, is told of a lost claim. */
export function leaseLost(): MessagingError {
  return new MessagingError('lease.lost', 'The message was taken over by another process, since its lease was not renewed in time.');
}
