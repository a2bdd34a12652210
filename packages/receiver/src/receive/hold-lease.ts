import { MessagingError } from '@fhir-messaging/core';
import type { CacheClaim } from '@fhir-messaging/core';
import type { Reception } from './reception.ts';

/** How often a lease is renewed in its time: two renewals may fail before it runs out. */
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
  const stop = (): void => working.abort(signal.reason);
  const keep = async (): Promise<void> => {
    let missed = 0;
    while (missed < renewalsPerLease) {
      await wait(cache.leaseMs / renewalsPerLease, done.signal);
      if (done.signal.aborted) {
        return;
      }
      const isHeld = await cache.renew(claim).catch(() => undefined);
      missed = isHeld === undefined ? missed + 1 : isHeld ? 0 : renewalsPerLease;
    }
    working.abort(leaseLost());
  };
  // `AbortSignal.any` would leave a trace on a signal that lives as long as the application.
  signal.addEventListener('abort', stop);
  if (signal.aborted) {
    stop();
  }
  void keep();
  try {
    return await run(working.signal);
  } finally {
    done.abort(over);
    signal.removeEventListener('abort', stop);
  }
}

/** An abort without a reason makes an error with a stack, which costs more than the lease. */
const over = 'over';

/** What a handler's signal, and the application, is told of a lost claim. */
export function leaseLost(): MessagingError {
  return new MessagingError('lease.lost', 'The message was taken over by another process, since its lease was not renewed in time.');
}
