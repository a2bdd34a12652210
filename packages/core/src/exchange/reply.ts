import type { FhirResource } from 'fhir/r4';
import type { ResponseCode } from '../fhir/codes.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import type { IdentitySource } from '../message/identity.ts';
import type { ReplyMessage } from '../message/read-reply.ts';

/** What every outcome of a send tells. */
export interface ReplyFacts {
  /** What the other side found: from the reply message's OperationOutcome, or the one in the body; where a refusal has none, an issue with its status. */
  readonly issues: readonly Issue[];
  /** The HTTP answer, where the transport is HTTP. */
  readonly http: { readonly status: number; readonly headers: Headers } | undefined;
  /** How many attempts were made, the first included. */
  readonly attempts: number;
}

/** A reply message that says one code of its request. */
export interface CodedReply<TResource extends Resource, TCode extends ResponseCode> extends ReplyFacts {
  /** `transient-error` remains where no further attempt was made. */
  readonly kind: TCode;
  readonly message: ReplyMessage<TResource>;
  /** Which id of the request it quotes. */
  readonly matched: IdentitySource | undefined;
  /** Whether that is the id that the identity strategy says. */
  readonly matchedByRule: boolean;
  /** Whether it says `ok` beside an error. */
  readonly disagrees: boolean;
  /**
   * Whether the answer to a resend was the very same `transient-error` reply: the other side replays it, so that the same message under the
   * same ids will never be answered otherwise. Ask them, or send it as a new message once you know that it was not processed.
   */
  readonly pinned: boolean;
}

/** A reply message came. It says `ok` or `fatal-error` of a message that was processed, `transient-error` of one that was not. */
export type MessageReply<TResource extends Resource = FhirResource> = CodedReply<TResource, 'ok'> | CodedReply<TResource, 'transient-error' | 'fatal-error'>;

/**
 * HTTP 4xx, but for 408, 425, 429, a `lock-error`, and the strategy's `duplicateStatus` without issues or with a `duplicate`: this attempt was not
 * processed. Send the message again unaltered only after a 401, once somebody signed in.
 */
export interface Refused extends ReplyFacts {
  readonly kind: 'refused';
  /** Whether it may have arrived before: an earlier attempt of the same send got no answer, or the answer calls it a `duplicate`. */
  readonly mayHaveArrived: boolean;
}

/** The other side has the message, and will process it or has done so before. */
export interface Accepted<TResource extends Resource = FhirResource> extends ReplyFacts {
  readonly kind: 'accepted';
  /** Whether it said that it had the message already. */
  readonly duplicate: boolean;
  /**
   * Whether its reply has to come later, so that a missing one is a failure: an asynchronous exchange was asked for, the message wants a reply, and it is
   * no `duplicate`, whose reply may have come before.
   */
  readonly owesReply: boolean;
  /**
   * The reply that `messenger.accept` takes in this process. It rejects with `transport.timeout` at the request's deadline, also where another
   * process took the reply; with `closed` when the messenger is closed, and with the reason of the send's signal. It is missing where the message
   * has no id to quote; also where it wants no reply, unless it was sent with `async`, or the messenger was given a `pending` store.
   */
  readonly later?: Promise<MessageReply<TResource>> | undefined;
}

/** The message was processed, and no reply message came: HTTP 204, or an answer that is no reply to it. */
export interface Processed<TResource extends Resource = FhirResource> extends ReplyFacts {
  readonly kind: 'processed';
  /** The message that came back without saying what it answers (a warning `response.missing`). */
  readonly graph?: BundleGraph<TResource> | undefined;
}

/** The outcome of a send, as far as the spec foresees it. Switch on `kind`. */
export type Reply<TResource extends Resource = FhirResource> = MessageReply<TResource> | Refused | Accepted<TResource> | Processed<TResource>;
