import type { FullOutboxRecord, MessageReply, Resource } from '@fhir-messaging/core';
import { sendClaimed } from './claims.ts';
import type { OutboxParts } from './outbox-parts.ts';
import type { Claim } from './send-entry.ts';

/** Node has a navigator that does not know. */
const platform: { readonly navigator?: { readonly onLine?: boolean } } = globalThis;

/** How many are claimed at once at most, however many may be sent. */
const mostClaims = 100;

/** What sends what is due. */
export interface DueSender {
  /** Sends what is due, until nothing is; while it runs, another call has it look at once, where there is room. */
  readonly run: () => Promise<void>;
  /** Resolves when it does not run. */
  readonly idle: () => Promise<void>;
}

/** What sends for an outbox. @param settle - stores a reply that came later. */
export function dueSender(parts: OutboxParts, closing: AbortSignal, settle: (id: string, reply: MessageReply<Resource>) => Promise<void>): DueSender {
  const { store, account, leaseMs, concurrency = 4 } = parts;
  const isOnline = parts.isOnline ?? (() => platform.navigator?.onLine !== false);
  const pause = parts.pause ?? (() => new Promise<void>((resolve) => void setTimeout(resolve)));
  /** Replies that the store could not be told of yet. */
  const untold = new Map<string, MessageReply<Resource>>();
  let running: Promise<void> | undefined;
  /** How often it was asked to run. */
  let asks = 0;
  let tellAsked = (): void => undefined;

  const tell = async (id: string, reply: MessageReply<Resource>): Promise<void> => {
    untold.set(id, reply);
    await settle(id, reply).then(() => untold.delete(id), () => undefined);
  };

  async function drain(): Promise<void> {
    try {
      for (let answered = 0; answered < asks; ) {
        answered = asks;
        for (const [id, reply] of untold) await tell(id, reply);
        await sendDue();
      }
    } finally {
      // In the same turn as the last look: whoever asks from now on is not overheard.
      running = undefined;
    }
  }

  async function sendDue(): Promise<void> {
    /** What failed stays, and ends the run. */
    const sending = new Set<Promise<unknown>>();
    const claims = new Set<() => boolean>();
    let ended = 0;
    let isOver = false;
    const goesOn = (): boolean => !isOver && !closing.aborted && isOnline();
    const send = async (claimed: FullOutboxRecord): Promise<void> => {
      const keep: Claim['keep'] = (kept) => void kept?.then((reply) => tell(claimed.id, reply), () => undefined);
      const { endsRun } = await sendClaimed(claimed, parts, closing, claims, keep);
      if (endsRun) isOver = true;
      await pause();
      ended += 1;
    };
    try {
      for (let mayBeDue = true; mayBeDue && goesOn(); ) {
        const endedBefore = ended;
        const asked = new Promise<void>((resolve) => (tellAsked = resolve));
        // A process that was frozen past its leases would claim again what it is still sending: it claims nothing until they are renewed.
        const limit = [...claims].every((isHeld) => isHeld()) ? Math.min(concurrency - sending.size, mostClaims) : 0;
        for (const claimed of limit > 0 ? await store.claim({ account, limit, leaseMs }) : []) {
          const sent: Promise<unknown> = send(claimed).then(() => sending.delete(sent));
          sent.catch(() => undefined);
          sending.add(sent);
        }
        // What ended while the claim was on its way may have let the next one of its key go.
        mayBeDue = sending.size > 0 || ended > endedBefore;
        if (sending.size > 0) await Promise.race([asked, ...sending]);
        // Those that end in the same moment make way for one claim.
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
