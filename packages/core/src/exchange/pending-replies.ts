import { MessagingError } from '../errors.ts';
import type { IdentityStrategy, MessageId } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import type { MessageInput } from '../message/read-input.ts';
import { acceptReply } from './accept-reply.ts';
import type { AcceptResult, WaitingRequest } from './accept-reply.ts';
import { laterReply } from './later-reply.ts';
import type { LaterReply } from './later-reply.ts';
import { pendingRequestOf } from './pending-request.ts';
import type { PendingStore } from './pending-store.ts';
import type { MessageReply, Reply } from './reply.ts';
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
  /** Sends the request, and tells the ids of each attempt before it; a reply that came meanwhile ends the send. */
  readonly run: (beforeAttempt: (attempt: number, ids: readonly MessageId[]) => Promise<MessageReply | undefined>) => Promise<Reply>;
}

/** The requests of one messenger that may be answered another way than on their own connection. */
export interface PendingReplies {
  /** Runs a send; its request is in the store before it leaves. */
  keep(send: KeptSend): Promise<Reply>;
  accept(input: MessageInput | Message, sender: string | undefined): Promise<AcceptResult>;
  close(): void;
}

interface Waiting extends WaitingRequest {
  readonly later: LaterReply;
  /** The sends of the message that are not over, or were accepted. */
  readonly wantedBy: Set<KeptSend>;
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
        if (all.get(key)?.later === later) all.delete(key);
      };
      // An earlier send of the same message may wait already.
      const { later, wantedBy }: Pick<Waiting, 'later' | 'wantedBy'> = all.get(key) ?? { later: laterReply(() => forget()), wantedBy: new Set() };
      // The deadline begins anew when this send is over.
      later.endAfter(Infinity);
      wantedBy.add(send);
      all.set(key, {
        message,
        later,
        wantedBy,
        onReply(reply) {
          onReply(reply);
          later.settle(reply);
        },
      });
      let isAccepted = false;
      try {
        const outcome = await run(async (attempts, ids) => {
          const keepRequest = async (): Promise<void> => {
            if (attempts === 1) await store.expire(now());
            await store.put(pendingRequestOf(message, { key, attempts, ids, sentAtMs: now() }, replyWithinMs));
          };
          await withTimeLimit(storeWithinMs, undefined, keepRequest, () => new MessagingError('storage.unavailable', 'The store of pending requests does not answer.'));
          return later.reply();
        });
        if ('message' in outcome) {
          later.settle(outcome);
          // The reply is here: a store that cannot be told is no reason to lose it.
          const { message: reply } = outcome;
          await withTimeLimit(storeWithinMs, undefined, () => store.settle(key, replyIdOf(reply, identity))).catch(() => undefined);
        }
        if (outcome.kind !== 'accepted') {
          return outcome;
        }
        isAccepted = true;
        later.endAfter(replyWithinMs);
        return { ...outcome, later: later.promise };
      } catch (error) {
        const came = later.reply();
        if (came !== undefined) {
          return came;
        }
        throw error;
      } finally {
        if (!isAccepted) {
          wantedBy.delete(send);
          if (wantedBy.size === 0) forget();
          else later.endAfter(replyWithinMs);
        }
      }
    },
    accept(input, sender) {
      return acceptReply(input, { store, identity, sender, nowMs: now(), waitingFor: (key) => all.get(key) });
    },
    close() {
      for (const { later } of all.values()) later.close();
    },
  };
}
