import type { Delivery } from '../errors.ts';
import type { Accepted, MessageReply, Processed, Refused } from '../exchange/reply.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Message } from '../message/message.ts';

/** What became of a message so far, and all that is known of it then. Switch on `kind`. */
export type SubmissionState<TMessage = Message> =
  /** Nothing was submitted. */
  | { readonly kind: 'idle' }
  /** The messenger's own check looks at it; nothing was sent. */
  | { readonly kind: 'checking'; readonly message: TMessage }
  /** It is on its way: which attempt, and until when that one waits, in milliseconds since 1970. */
  | { readonly kind: 'sending'; readonly message: TMessage; readonly attempt: number; readonly waitingUntilMs: number | undefined }
  /** The other side took it over; its reply, where one is awaited, makes it `done` or `rejected` later. */
  | { readonly kind: 'accepted'; readonly message: TMessage; readonly reply: Accepted }
  /** It was processed. */
  | { readonly kind: 'done'; readonly message: TMessage; readonly reply: MessageReply | Processed }
  /** It breaks a rule, so that nothing of it was sent. */
  | { readonly kind: 'invalid'; readonly error: Error; readonly issues: readonly Issue[] }
  | Refusal<TMessage>
  | Rejection<TMessage>
  | Failure<TMessage>
  | MayHaveArrived<TMessage>;

/** HTTP 4xx: it was not processed. */
export interface Refusal<TMessage> {
  readonly kind: 'refused';
  readonly message: TMessage;
  readonly reply: Refused;
  readonly issues: readonly Issue[];
  /** Whether an attempt before that one may have arrived all the same. */
  readonly mayHaveArrived: boolean;
}

/** A reply message says `fatal-error`, or still `transient-error` when the attempts were used up. */
export interface Rejection<TMessage> {
  readonly kind: 'rejected';
  readonly message: TMessage;
  readonly reply: MessageReply;
  readonly issues: readonly Issue[];
}

/** Nobody said what became of it, or it was aborted; `delivery` is what is known of its arrival, over everything that was tried with it. */
export interface Failure<TMessage> {
  readonly kind: 'failed';
  readonly message: TMessage;
  /** The messenger's MessagingError, or the reason of an abort. `toIssues` makes it something to show. */
  readonly error: Error;
  readonly delivery: Delivery;
}

/**
 * A question: other content was submitted while an earlier message may have arrived. `resend` sends the earlier one again, which is safe;
 * `submitAnyway` sends the other content as a new message, which may be the second; `dismiss` goes back.
 */
export interface MayHaveArrived<TMessage> {
  readonly kind: 'mayHaveArrived';
  /** The earlier message. */
  readonly message: TMessage;
  /** What is known of that one. */
  readonly earlier: Exclude<SubmissionState<TMessage>, { readonly kind: 'mayHaveArrived' }>;
}
