import type { FullOutboxRecord } from '@fhir-messaging/core';
import { isLost } from './lease-lost.ts';
import { sendEntry } from './send-entry.ts';
import type { OutboxParts } from './outbox-parts.ts';
import type { Turn } from './send-entry.ts';

/** How often a lease is renewed in its time: two renewals may fail before it runs out. */
const renewalsPerLease = 3;

/** Does what is due with a claimed entry while its lease is renewed. One whose lease was lost is somebody else's by now. */
export async function sendClaimed(claimed: FullOutboxRecord, parts: OutboxParts, closing: AbortSignal): Promise<Turn> {
  const { store, leaseMs, startTimer } = parts;
  const working = new AbortController();
  const close = (): void => working.abort(closing.reason);
  let stopTimer = (): void => undefined;
  const renewLater = (): void => {
    stopTimer = startTimer(leaseMs / renewalsPerLease, () => {
      renewLater();
      store.renew(claimed, leaseMs).catch((error: unknown) => isLost(error) && working.abort(error));
    });
  };
  closing.addEventListener('abort', close);
  if (closing.aborted) close();
  renewLater();
  try {
    return await sendEntry(claimed, parts, working);
  } catch (error) {
    if (isLost(error)) return { endsRun: false };
    throw error;
  } finally {
    stopTimer();
    closing.removeEventListener('abort', close);
  }
}
