import { onAbort } from '@fhir-messaging/core';
import type { FullOutboxRecord } from '@fhir-messaging/core';
import { isLost } from './lease-lost.ts';
import { sendEntry } from './send-entry.ts';
import type { OutboxParts } from './outbox-parts.ts';
import type { Claim, Turn } from './send-entry.ts';

/** How often a lease is renewed in its time: two renewals may fail before it runs out. */
const renewalsPerLease = 3;

/**
 * Does what is due with a claimed entry, and renews its lease meanwhile. An entry whose lease is lost is left to whoever has it by now.
 *
 * @param claims - this process's claims, each of which says whether it is surely held; this one is among them until it is over.
 */
export async function sendClaimed(claimed: FullOutboxRecord, parts: OutboxParts, closing: AbortSignal, claims: Set<() => boolean>, keep: Claim['keep']): Promise<Turn> {
  const { store, leaseMs, startTimer, now } = parts;
  let heldSinceMs = now();
  const working = new AbortController();
  let stopTimer = (): void => undefined;
  let isOver = false;
  const renewLater = (): void => {
    stopTimer = startTimer(leaseMs / renewalsPerLease, () => {
      renewLater();
      const renewedAtMs = now();
      const renewed = (): void => {
        heldSinceMs = renewedAtMs;
      };
      // A turn that is over has given up its lease: an abort would only end the wait for a reply that comes later.
      store.renew(claimed, leaseMs).then(renewed, (error: unknown) => !isOver && isLost(error) && working.abort(error));
    });
  };
  // A process that was frozen, or whose clock was set, cannot tell.
  const isHeld = (): boolean => Math.abs(now() - heldSinceMs) < leaseMs;
  claims.add(isHeld);
  const leave = onAbort(closing, () => working.abort(closing.reason));
  renewLater();
  try {
    return await sendEntry(claimed, parts, { working, isHeld, keep });
  } catch (error) {
    if (isLost(error)) return { endsRun: false };
    throw error;
  } finally {
    isOver = true;
    claims.delete(isHeld);
    stopTimer();
    leave();
  }
}
