import type { FullOutboxRecord, MessageReply, Resource } from '@fhir-messaging/core';
import { sendClaimed } from './claims.ts';
import type { OutboxParts } from './outbox-parts.ts';
import type { Claim } from './send-entry.ts';

/** Node has a `navigator` without `onLine`. */
const platform: { readonly navigator?: { readonly onLine?: boolean } } = globalThis;

/** The most entries that are claimed at once, however many may be sent. */
const mostClaims = 100;

/** Sends the due entries of an outbox. */
export interface DueSender {
  /** Sends due entries until there are none; while it runs, another call has it look at once, where there is room. */
  readonly run: () => Promise<void>;
  /** Resolves when it does not run. */
  readonly idle: () => Promise<void>;
}

/** The sender of an outbox. @param settle - stores a reply that came later. */
export function dueSender(parts: OutboxParts, closing: AbortSignal, settle: (id: string, reply: MessageReply<Resource>) => Promise<void>): DueSender {
  const { store, account, leaseMs, concurrency } = parts;
  const isOnline = parts.isOnline ?? (() => platform.navigator?.onLine !== false);
  const pause = parts.pause ?? (() => new Promise<void>((resolve) => void setTimeout(resolve)));
  /** Replies that could not be stored yet. */
  const untold = new Map<string, MessageReply<Resource>>();
  /** The run, while there is one. */
  let running: Promise<void> | undefined;
  /** How often `run` was called. */
  let asks = 0;
  /** Wakes the run that waits for a send to end. */
  let tellAsked = (): void => undefined;

  /** Stores a reply that came later; where that fails, the next look tries again. */
  async function tell(id: string, reply: MessageReply<Resource>): Promise<void> {
    untold.set(id, reply);
    await settle(id, reply).then(() => untold.delete(id), () => undefined);
  }

  /** Sends what is due, once more for each call of `run` that came meanwhile. */
  async function drain(): Promise<void> {
    try {
      let answered = 0;
      while (answered < asks) {
        answered = asks;
        for (const [id, reply] of untold) await tell(id, reply);
        await sendDue();
      }
    } finally {
      // In the same turn as the last look at `asks`: a later call begins a run of its own, and is not missed.
      running = undefined;
    }
  }

  /** Sends what is due, and what becomes due meanwhile. */
  async function sendDue(): Promise<void> {
    /** The sends under way. One that failed stays here, and ends the run. */
    const sending = new Set<Promise<unknown>>();
    /** The claims of those sends: each says whether it is surely held. */
    const claims = new Set<() => boolean>();
    let ended = 0;
    let isOver = false;
    const goesOn = (): boolean => !isOver && !closing.aborted && isOnline();

    async function claim(): Promise<readonly FullOutboxRecord[]> {
      // A process that was frozen past its leases would claim again what it is still sending: it claims nothing until they are renewed.
      const limit = [...claims].every((isHeld) => isHeld()) ? Math.min(concurrency - sending.size, mostClaims) : 0;
      return limit > 0 ? store.claim({ account, limit, leaseMs }) : [];
    }

    async function send(claimed: FullOutboxRecord): Promise<void> {
      const keep: Claim['keep'] = (kept) => void kept?.then((reply) => tell(claimed.id, reply), () => undefined);
      const { endsRun } = await sendClaimed(claimed, parts, closing, claims, keep);
      if (endsRun) isOver = true;
      await pause();
      ended += 1;
    }

    try {
      let mayBeDue = true;
      while (mayBeDue && goesOn()) {
        const endedBefore = ended;
        const asked = new Promise<void>((resolve) => (tellAsked = resolve));
        for (const claimed of await claim()) {
          const sent: Promise<unknown> = send(claimed).then(() => sending.delete(sent));
          sent.catch(() => undefined);
          sending.add(sent);
        }
        // A send that ended while the claim was on its way may have made the next entry of its key due.
        mayBeDue = sending.size > 0 || ended > endedBefore;
        if (sending.size > 0) await Promise.race([asked, ...sending]);
        // Sends that end in the same moment share one claim.
        if (sending.size > 0) await pause();
      }
      await Promise.all(sending);
    } finally {
      await Promise.allSettled(sending);
    }
  }

  return {
    run() {
      asks += 1;
      tellAsked();
      running ??= drain();
      return running;
    },
    async idle() {
      await running?.catch(() => undefined);
    },
  };
}
