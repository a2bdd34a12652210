import type { FhirResource } from 'fhir/r4';
import type { Delivery } from '../errors.ts';
import type { Accepted, CodedReply, MessageReply, Processed, Refused } from '../exchange/reply.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Message } from '../message/message.ts';

/** The state of a submitted message, with what is known of it. Switch on `kind`. */
export type SubmissionState<TEvent = unknown, TResource extends Resource = FhirResource> =
  /** Nothing was submitted. */
  | { readonly kind: 'idle' }
  /** The messenger's own check looks at it: this send has not begun, but an earlier one of the same message may have arrived. */
  | { readonly kind: 'checking'; readonly message: Message<TEvent, TResource> }
  /** It is on its way: which attempt, until when that one waits, in milliseconds since 1970, and whether somebody has to sign in before it goes out. */
  | { readonly kind: 'sending'; readonly message: Message<TEvent, TResource>; readonly attempt: number; readonly waitingUntilMs: number | undefined; readonly needsSignIn: boolean }
  /** The other side took it over; its reply makes it `done` or `rejected` later, and one that is owed (`reply.owesReply`) and does not come in time makes it `failed`. */
  | { readonly kind: 'accepted'; readonly message: Message<TEvent, TResource>; readonly reply: Accepted<TResource> }
  /** It was processed. */
  | { readonly kind: 'done'; readonly message: Message<TEvent, TResource>; readonly reply: CodedReply<TResource, 'ok'> | Processed<TResource> }
  /** It breaks a rule, so that nothing of it was sent. */
  | { readonly kind: 'invalid'; readonly error: Error; readonly issues: readonly Issue[] }
  | Refusal<TEvent, TResource>
  | Rejection<TEvent, TResource>
  | Failure<TEvent, TResource>
  | MayHaveArrived<TEvent, TResource>;

/** HTTP 4xx: this attempt was not processed. */
export interface Refusal<TEvent, TResource extends Resource> {
  readonly kind: 'refused';
  readonly message: Message<TEvent, TResource>;
  readonly reply: Refused;
  readonly issues: readonly Issue[];
  /** Whether the message may have arrived before: an earlier attempt may have, or the answer calls it a `duplicate`. */
  readonly mayHaveArrived: boolean;
}

/** A reply message says `fatal-error`, or still `transient-error` when the attempts were used up. */
export interface Rejection<TEvent, TResource extends Resource> {
  readonly kind: 'rejected';
  readonly message: Message<TEvent, TResource>;
  readonly reply: MessageReply<TResource>;
  readonly issues: readonly Issue[];
}

/** No answer says what became of the message, or it was aborted; `delivery` is what is known of its arrival, over all attempts. */
export interface Failure<TEvent, TResource extends Resource> {
  readonly kind: 'failed';
  readonly message: Message<TEvent, TResource>;
  /** The messenger's MessagingError, or the reason of an abort. `toIssues` makes it something to show. */
  readonly error: Error;
  readonly delivery: Delivery;
}

/**
 * A question: other content was submitted while an earlier message may have arrived, or was taken over and is not answered yet. `resend` sends the
 * earlier one again unchanged, so that a peer that still recognises it takes it once, or nothing where it was taken over; `submitAnyway` sends the
 * other content as a new message, which may be the second; `dismiss` goes back.
 */
export interface MayHaveArrived<TEvent, TResource extends Resource> {
  readonly kind: 'mayHaveArrived';
  /** The earlier message. */
  readonly message: Message<TEvent, TResource>;
  /** What is known of the earlier message. */
  readonly earlier: Exclude<SubmissionState<TEvent, TResource>, { readonly kind: 'mayHaveArrived' }>;
}
