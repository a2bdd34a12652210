import { MessagingError } from '../errors.ts';
import type { IdentityStrategy, MessageId } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import type { MessageInput } from '../message/read-input.ts';
import { acceptReply } from './accept-reply.ts';
import type { AcceptResult, WaitingRequest } from './accept-reply.ts';
import type { Delivering } from './deliver.ts';
import { laterReply } from './later-reply.ts';
import type { LaterReply } from './later-reply.ts';
import { pendingRequestOf } from './pending-request.ts';
import type { PendingRequest, PendingStore } from './pending-store.ts';
import type { Reply } from './reply.ts';
import { replyIdOf } from './reply-id.ts';
import { withTimeLimit } from './time-limit.ts';

/** The options for keeping requests. */
export interface PendingOptions {
  readonly store: PendingStore;
  readonly identity: IdentityStrategy | undefined;
  readonly replyWithinMs: number;
  readonly now: () => number;
}

/** A send whose request is kept. */
interface KeptSend extends WaitingRequest {
  /** Names the request. */
  readonly key: string;
  /** Whether the request stays in the store however its send ends; otherwise only where the other side took it over. */
  readonly isKept: boolean;
  readonly run: (watch: Required<Pick<Delivering, 'beforeAttempt' | 'replyElsewhere'>>) => Promise<Reply>;
}

/** The requests of one messenger that may be answered another way than on their own connection. */
export interface PendingReplies {
  /** Runs a send; its request is in the store before it leaves. */
  keep(send: KeptSend): Promise<Reply>;
  accept(input: MessageInput | Message, sender: string | undefined): Promise<AcceptResult>;
  close(): void;
}

/** What the sends of one message have in common. */
interface Waiting {
  /** The message of the latest send, and who is told of a reply to it. */
  request: WaitingRequest;
  readonly later: LaterReply;
  /** The sends of the message that are not over, or were accepted. */
  readonly wantedBy: Set<KeptSend>;
  /** Whether one of them is kept. */
  isKept: boolean;
  /** Puts the request of a send that is not kept into the store: most are answered before anybody asks for it. */
  store: (() => Promise<void>) | undefined;
  /** The request, where the store had none of it before: it forgets it when nobody wants it any more, unless it is kept. */
  passing: PendingRequest | undefined;
}

/** How long a request that is to leave, or a reply that is here, waits for the store. */
const storeWithinMs = 10_000;

/** Keeps requests in a store, and in this process the sends that wait for their replies. */
export function pendingReplies({ store, identity, replyWithinMs, now }: PendingOptions): PendingReplies {
  const all = new Map<string, Waiting>();
  return {
    async keep(send) {
      const { key, message, onReply, run } = send;
      const forget = (): void => {
        if (all.get(key) === waiting) all.delete(key);
      };
      // An earlier send of the same message may wait already.
      const waiting: Waiting = all.get(key) ?? { request: send, later: laterReply(() => forget()), wantedBy: new Set(), isKept: false, store: undefined, passing: undefined };
      const { later, wantedBy } = waiting;
      // The deadline begins anew when this send is over.
      later.endAfter(Infinity);
      wantedBy.add(send);
      waiting.isKept ||= send.isKept;
      waiting.request = {
        message,
        onReply(reply) {
          onReply(reply);
          later.settle(reply);
        },
      };
      all.set(key, waiting);
      let isAccepted = false;
      try {
        const beforeAttempt = async (attempts: number, ids: readonly MessageId[]): Promise<void> => {
          const sentAtMs = now();
          const keepRequest = async (): Promise<void> => {
            waiting.store = undefined;
            const request = pendingRequestOf(message, { key, attempts, ids, sentAtMs }, replyWithinMs);
            await store.expire(now());
            if (!send.isKept && !(await isIn(store, request))) waiting.passing = request;
            await store.put(request);
          };
          if (!send.isKept) {
            waiting.store = keepRequest;
            return;
          }
          await withTimeLimit(storeWithinMs, undefined, keepRequest, () => new MessagingError('storage.unavailable', 'The store of pending requests does not answer.'));
        };
        const outcome = await run({ beforeAttempt, replyElsewhere: () => later.reply() });
        if ('message' in outcome) {
          later.settle(outcome);
          const { message: reply } = outcome;
          const settle = (): Promise<unknown> => store.settle(key, replyIdOf(reply, identity));
          // The reply is here: a store that cannot be told is no reason to lose it. Only a store that was given may take long.
          await (send.isKept ? withTimeLimit(storeWithinMs, undefined, settle).catch(() => undefined) : settle());
        }
        if (outcome.kind !== 'accepted') {
          return outcome;
        }
        isAccepted = true;
        await waiting.store?.();
        later.endAfter(replyWithinMs);
        return { ...outcome, later: later.promise };
      } finally {
        if (!isAccepted) {
          wantedBy.delete(send);
          if (wantedBy.size > 0) later.endAfter(replyWithinMs);
          else {
            forget();
            if (waiting.passing && !waiting.isKept) {
              await store.put({ ...waiting.passing, keepUntilMs: -Infinity });
              await store.expire(now());
            }
          }
        }
      }
    },
    async accept(input, sender) {
      for (const { store: put } of all.values()) await put?.();
      return acceptReply(input, { store, identity, sender, nowMs: now(), waitingFor: (key) => all.get(key)?.request });
    },
    close() {
      for (const { later } of all.values()) later.close();
    },
  };
}

/** Whether a store has a request of this key. */
async function isIn(store: PendingStore, { key, ids }: PendingRequest): Promise<boolean> {
  const found = await store.find(ids[0]?.value ?? '');
  return found.some((record) => record.key === key);
}
