import type { AnyEvent } from '../event/event-contract.ts';
import type { Reply } from '../exchange/reply.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Message } from '../message/message.ts';
import type { Messenger } from './messenger.ts';
import type { LeftOpen } from './submission-step.ts';
import type { SubmissionState } from './submission-state.ts';
import type { SubmitOptions } from './submission.ts';

/** A message of whatever event and release. */
export type AnyMessage = Message<AnyEvent | undefined, Resource>;

/** How one kind of submission makes its messages. */
export interface SubmissionParts<TContent extends object> {
  readonly messenger: Messenger;
  /** A message that an earlier page or process may have sent. */
  readonly unsettled?: AnyMessage | undefined;
  /** What the content becomes before anything else is done with it. */
  readonly prepare: (content: TContent) => TContent;
  readonly create: (content: TContent, options: SubmitOptions) => AnyMessage;
  /** Whether other content may follow a message that was taken over or processed, as one update another. */
  readonly mayBeFollowed: boolean;
  /** Is told of a message that was processed, before anybody else; whether it is the last one that was sent of those. */
  readonly onDone?: ((message: AnyMessage, reply: Reply<Resource>, isLast: boolean) => void) | undefined;
}

/** What was pressed for. */
export interface Content<TContent> {
  /** As it was then. */
  readonly given: TContent;
  readonly options: SubmitOptions;
}

/** What was made of it, and is being sent or was. */
export interface Sent {
  readonly message: AnyMessage;
  /** What it was made of, to know it by, as that is prepared now; `undefined` where nobody knows. */
  readonly kept: (() => object) | undefined;
  /** Those of the last press. */
  options: SubmitOptions;
  /** How many were sent before. */
  readonly order: number;
  leftOpen: LeftOpen;
  /** Whether anything that was tried with it may have arrived, and was not answered for good. */
  mayHaveArrived: boolean;
}

/** The state of a submission of whatever event. */
export type State = SubmissionState<AnyEvent | undefined, Resource>;

/** What becomes of a message: any state but a question about another one. */
export type Reached = Exclude<State, { readonly kind: 'mayHaveArrived' }>;
