import { MessagingError } from '../errors.ts';
import { remembered } from '../fhir/groups.ts';
import type { IdentityStrategy } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import type { MessageInput } from '../message/read-input.ts';
import { acceptReply } from './accept-reply.ts';
import type { AcceptResult, LatestSend, WaitingRequest } from './accept-reply.ts';
import type { Delivering } from './deliver.ts';
import { laterReply } from './later-reply.ts';
import { storeIn } from './memory-pending-store.ts';
import { pendingRequestOf } from './pending-request.ts';
import type { PendingRecord, PendingStore } from './pending-store.ts';
import type { Reply } from './reply.ts';
import { replyIdOf } from './reply-id.ts';
import { withTimeLimit } from './time-limit.ts';

/** The options for keeping requests. */
export interface PendingOptions {
  /** The store that was given: without one, requests stay in this process. */
  readonly store: PendingStore | undefined;
  readonly identity: IdentityStrategy | undefined;
  readonly replyWithinMs: number;
  readonly now: () => number;
}

/** A send that may be answered another way than on its own connection. */
interface AwaitingSend extends LatestSend {
  /** Names the request. */
  readonly key: string;
  /** Whether the request stays in the store however its send ends; otherwise only where the other side took it over. */
  readonly isKept: boolean;
  readonly run: (watch: Required<Pick<Delivering, 'beforeAttempt' | 'replyElsewhere' | 'transientIds'>>) => Promise<Reply>;
}

/** The requests of one messenger that may be answered another way than on their own connection. */
export interface PendingReplies {
  /** Runs a send; its request is in the store before it leaves. */
  send(send: AwaitingSend): Promise<Reply>;
  accept(input: MessageInput | Message, sender: string | undefined): Promise<AcceptResult>;
  close(): void;
}

/** What the sends of one message have in common. */
interface Waiting extends WaitingRequest {
  latest: AwaitingSend;
  readonly transientIds: Set<string>;
  /** The sends of the message that are not over, or were accepted. */
  readonly wantedBy: Set<AwaitingSend>;
  /** Whether the store forgets the request when nobody wants it any more: it had none of it before, and no send is kept. */
  isPassing: boolean;
}

/** How long a request that is to leave, or a reply that is here, waits for the store. */
const storeWithinMs = 10_000;

/** Keeps requests in a store, and in this process the sends that wait for their replies. */
export function pendingReplies({ store: given, identity, replyWithinMs, now }: PendingOptions): PendingReplies {
  const records = new Map<string, PendingRecord>();
  const store = given ?? storeIn(records);
  const all = new Map<string, Waiting>();

  /** Adds a send to those of its message, which may wait already. */
  function join(send: AwaitingSend): Waiting {
    const { key } = send;
    const waiting: Waiting = remembered(all, key, () => ({ latest: send, later: laterReply(() => forget(key, waiting)), wantedBy: new Set(), transientIds: new Set(), isPassing: false }));
    waiting.latest = send;
    // The deadline begins anew when this send is over.
    waiting.later.endAfter(Infinity);
    waiting.wantedBy.add(send);
    return waiting;
  }

  /** Takes out a send that was not accepted; the last one takes the request with it. */
  function leave(send: AwaitingSend, waiting: Waiting): void {
    const { later, wantedBy, isPassing } = waiting;
    wantedBy.delete(send);
    if (wantedBy.size > 0) {
      later.endAfter(replyWithinMs);
      return;
    }
    forget(send.key, waiting);
    // A later send of the message may have its request there by now.
    if (isPassing && !all.has(send.key)) records.delete(send.key);
  }

  function forget(key: string, waiting: Waiting): void {
    if (all.get(key) === waiting) all.delete(key);
  }

  return {
    async send(send) {
      const { key, message, isKept } = send;
      const waiting = join(send);
      const { later } = waiting;
      let isAccepted = false;
      try {
        const outcome = await send.run({
          async beforeAttempt(attempts, ids) {
            const put = (): Promise<void> => store.put(pendingRequestOf(message, { key, attempts, ids, sentAtMs: now() }, replyWithinMs));
            const keepRequest = async (): Promise<void> => {
              await store.expire(now());
              waiting.isPassing = false;
              await put();
            };
            if (isKept) {
              await withTimeLimit(storeWithinMs, undefined, keepRequest, () => new MessagingError('storage.unavailable', 'The store of pending requests does not answer.'));
            } else {
              waiting.isPassing ||= !records.has(key);
              await put();
            }
          },
          replyElsewhere: later.reply,
          transientIds: waiting.transientIds,
        });
        if ('message' in outcome) {
          later.settle(outcome, true);
          const settle = (): Promise<unknown> => store.settle(key, replyIdOf(outcome.message, identity));
          // The reply is here: a store that cannot be told is no reason to lose it. Only a store that was given may take long.
          await (isKept ? withTimeLimit(storeWithinMs, undefined, settle).catch(() => undefined) : settle());
        }
        if (outcome.kind !== 'accepted') {
          return outcome;
        }
        isAccepted = true;
        if (!isKept) await store.expire(now());
        later.endAfter(replyWithinMs);
        return { ...outcome, later: later.promise };
      } finally {
        if (!isAccepted) leave(send, waiting);
      }
    },
    accept(input, sender) {
      return acceptReply(input, { store, identity, sender, nowMs: now(), waiting: all });
    },
    close() {
      for (const { later } of all.values()) later.close();
    },
  };
}
