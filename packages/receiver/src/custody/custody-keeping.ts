import { checkedOrigins } from '../reply-address/origin-entry.ts';
import type { CheckedReplyTo, ReplyTo } from '../reply-address/reply-to.ts';
import { requireNumbers } from '../require-numbers.ts';
import { postingSlots } from './posting-slots.ts';
import type { PostingSlots } from './posting-slots.ts';
import { slotsOf } from './slots.ts';
import type { Slots } from './slots.ts';

/** A receiver's state of the messages that it accepted and has not finished. */
export interface CustodyKeeping extends CheckedReplyTo {
  /** Slots for handlers alone, so that postings to a server that is away keep no message from being processed. */
  readonly handling: Slots;
  readonly posting: PostingSlots;
  /** The messages that this process is finishing, by the token of their claim, and the replies that it posts again. */
  readonly finishing: Map<string, Promise<void>>;
  /** The messages in custody, as this process knows since the latest round: the address of the reply by the token of the claim. */
  readonly inCustody: Map<string, string>;
  /** The tokens of messages whose `transient-error` is on its way to the sender: nobody processes them until they come again. */
  readonly givenUp: Set<string>;
  /** Whether unfinished messages are taken up again; before that no message is accepted. */
  isResuming: boolean;
  /** The present round, or the last one, of taking up unfinished messages. */
  round: Promise<void>;
  /** Aborts when an accepted message found no slot for its handler: the next round takes it up when a slot is free. */
  postponed: AbortController;
}

/** The keeping of a receiver that replies to addresses. @throws {TypeError} where a number among the options is no limit. */
export function custodyKeeping(options: ReplyTo, onError: ((error: unknown) => void) | undefined): CustodyKeeping {
  const { maxConcurrent = 20, timeoutMs, resumeEveryMs, expiresAfterMinutes, initialDelayMs, maxDelayMs } = options;
  requireNumbers('replyTo', 'above 0', { maxConcurrent });
  requireNumbers('replyTo', 'finite, and above 0', { timeoutMs, resumeEveryMs });
  requireNumbers('replyTo', 'finite, and 0 or more', { expiresAfterMinutes });
  requireNumbers('replyTo', '0 or more', { initialDelayMs, maxDelayMs });
  return { replyTo: options, origins: checkedOrigins(options, onError), handling: slotsOf(maxConcurrent), posting: postingSlots(maxConcurrent), finishing: new Map(), inCustody: new Map(), givenUp: new Set(), isResuming: false, round: Promise.resolve(), postponed: new AbortController() };
}
