import type { AnyEvent } from '../event/event-contract.ts';
import type { Reply } from '../exchange/reply.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Message } from '../message/message.ts';
import type { Messenger } from './messenger.ts';
import type { SubmissionState } from './submission-state.ts';
import type { SubmitOptions } from './submission.ts';

/** A message of whatever event and release. */
export type AnyMessage = Message<AnyEvent | undefined, Resource>;

/** How one kind of submission makes its messages. */
export interface SubmissionParts<TContent extends object> {
  readonly messenger: Messenger;
  readonly event: AnyEvent;
  /** A message that an earlier page or process may have sent. */
  readonly unsettled?: AnyMessage | undefined;
  /** Changes the content before anything else is done with it. */
  readonly prepare: (content: TContent) => TContent;
  readonly create: (content: TContent, options: SubmitOptions) => AnyMessage;
  /** Whether other content may follow a message that was taken over or processed, as one update another. */
  readonly mayBeFollowed: boolean;
  /** Is told of a processed message, before anybody else; `isLast` where no processed one was sent after it. */
  readonly onDone?: ((message: AnyMessage, reply: Reply<Resource>, isLast: boolean) => void) | undefined;
}

/** The content of a press. */
export interface Content<TContent> {
  /** The content as it was at the press. */
  readonly given: TContent;
  readonly options: SubmitOptions;
}

/** A message that was made of content, and is being sent or was. */
export interface Sent {
  readonly message: AnyMessage;
  /** Gives the content that it was made of, as `prepare` makes it now; `undefined` where nobody knows. */
  readonly kept: (() => object) | undefined;
  /** The options of the last press. */
  options: SubmitOptions;
  /** How many messages were sent or recalled before. */
  readonly order: number;
  /** The message that this one followed; none any more once this one was processed. */
  before: Sent | undefined;
  /** The state that it is in, whatever is shown. */
  state: Reached;
  /** Whether an attempt may have arrived, and was not answered for good. */
  mayHaveArrived: boolean;
}

/** The state of a submission of whatever event. */
export type State = SubmissionState<AnyEvent | undefined, Resource>;

/** The states that a message can reach: all but the question about another one. */
export type Reached = Exclude<State, { readonly kind: 'mayHaveArrived' }>;
