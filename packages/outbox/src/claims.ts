import { isMessagingError } from '@fhir-messaging/core';
import type { FullOutboxRecord } from '@fhir-messaging/core';
import { sendEntry } from './send-entry.ts';
import type { OutboxParts } from './outbox-parts.ts';
import type { Turn } from './send-entry.ts';

/** How often a lease is renewed in its time: two renewals may fail before it runs out. */
const renewalsPerLease = 3;

/** Does what is due with a claimed entry while its lease is renewed. One whose lease was lost is somebody else's by now. */
export async function sendClaimed(claimed: FullOutboxRecord, parts: OutboxParts, closing: AbortSignal): Promise<Turn> {
  const { store, leaseMs, startTimer, now } = parts;
  let heldSinceMs = now();
  const working = new AbortController();
  const close = (): void => working.abort(closing.reason);
  let stopTimer = (): void => undefined;
  const renew = (): void => {
    stopTimer = startTimer(leaseMs / renewalsPerLease, () => {
      const renewedAtMs = now();
      const renewed = (): void => {
        heldSinceMs = renewedAtMs;
        renew();
      };
      store.renew(claimed, leaseMs).then(renewed, (error: unknown) => {
        if (isMessagingError(error) && error.code === 'lease.lost') working.abort(error);
        else renew();
      });
    });
  };
  // What was frozen, or whose clock was set, cannot tell.
  const isHeld = (): boolean => Math.abs(now() - heldSinceMs) < leaseMs;
  closing.addEventListener('abort', close);
  if (closing.aborted) close();
  renew();
  try {
    return await sendEntry(claimed, parts, working.signal, isHeld);
  } catch (error) {
    if (isMessagingError(error) && error.code === 'lease.lost') return { endsRun: false };
    throw error;
  } finally {
    working.abort(over);
    stopTimer();
    closing.removeEventListener('abort', close);
  }
}

/** An abort without a reason makes an error with a stack. */
const over = 'over';
