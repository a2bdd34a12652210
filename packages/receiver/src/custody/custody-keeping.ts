import type { ReplyTo } from '../reply-address/reply-to.ts';
import { postingSlots } from './posting-slots.ts';
import type { PostingSlots } from './posting-slots.ts';
import { slotsOf } from './slots.ts';
import type { Slots } from './slots.ts';

/** What a receiver keeps of the messages that it accepted and has not finished. */
export interface CustodyKeeping {
  readonly replyTo: ReplyTo;
  /** For handlers: a reply that is posted to somebody who is not there keeps nobody else's message from being processed. */
  readonly handling: Slots;
  readonly posting: PostingSlots;
  /** What is being finished in this process, by the token of its claim, and replies that are posted again. */
  readonly finishing: Map<string, Promise<void>>;
  /** What this process knows to be in custody, as of the latest round: where the reply goes, by the token of its claim. */
  readonly inCustody: Map<string, string>;
  /** The tokens of those whose `transient-error` is on its way to their sender: nobody processes them any more, until they come again. */
  readonly givenUp: Set<string>;
  /** Whether what is left unfinished is taken up again; before, no message is accepted. */
  isResuming: boolean;
  /** The round in which what is left unfinished is taken up at present. */
  round: Promise<void>;
  /** Aborts when a message was accepted that found no slot for its handler: it is taken up when one is free. */
  postponed: AbortController;
}

/** The keeping of a receiver that replies to addresses. */
export function custodyKeeping(replyTo: ReplyTo): CustodyKeeping {
  const { maxConcurrent = 20 } = replyTo;
  return { replyTo, handling: slotsOf(maxConcurrent), posting: postingSlots(maxConcurrent), finishing: new Map(), inCustody: new Map(), givenUp: new Set(), isResuming: false, round: Promise.resolve(), postponed: new AbortController() };
}
