import type { FhirResource } from 'fhir/r4';
import type { Resource } from '../fhir/resource.ts';
import type { AnyEvent } from '../event/event-contract.ts';
import type { CreateMessageOptions } from '../message/create-message.ts';
import type { Message } from '../message/message.ts';
import type { SendOptions } from './messenger.ts';
import type { Observed } from './observed.ts';
import type { SubmissionState } from './submission-state.ts';

/** What one submission takes beside its content; what `messenger.create` and `messenger.send` take. */
export type SubmitOptions = Partial<CreateMessageOptions> & Omit<SendOptions, 'signal'>;

/**
 * One message on its way, as a state to show and the actions that a person has. The actions need no `this`, and none of their promises rejects:
 * they resolve with the state that was reached.
 */
export interface Submission<TContent, TEvent = unknown, TResource extends Resource = FhirResource> extends Observed<SubmissionState<TEvent, TResource>> {
  /**
   * Creates a message of the content, and sends it. While a message is being sent, taken over or processed, it does nothing; but an update with other
   * content is the next one, and is asked about first where the one before was taken over, and is not answered yet.
   *
   * The same content after a failure is the same message, with the same ids and bytes; other content is asked about first where that one may
   * have arrived (`mayHaveArrived`).
   *
   * @throws {TypeError} when the messenger has no source and none is given.
   */
  readonly submit: (content: TContent, options?: SubmitOptions) => Promise<SubmissionState<TEvent, TResource>>;
  /**
   * Takes in a message that was being sent when its page or process ended: the state is then `failed`, with its delivery unknown. Where what was
   * submitted here already may have arrived, or this message was sent or taken in before, it does nothing.
   */
  readonly recall: (message: Message<AnyEvent | undefined, Resource>) => void;
  /** Sends the last message again, the same, where it may be: it failed, or may have arrived. */
  readonly resend: () => Promise<SubmissionState<TEvent, TResource>>;
  /** Answers `mayHaveArrived`: sends the other content as a new message. */
  readonly submitAnyway: () => Promise<SubmissionState<TEvent, TResource>>;
  /** Answers `mayHaveArrived`: sends nothing, and goes back to what is known of the earlier message. */
  readonly dismiss: () => void;
  /** Ends what is being sent; the state is then `failed`, with what is known of its delivery. */
  readonly abort: () => void;
  /** Forgets the message, so that whatever is submitted next is a new one. While one is being sent, it does nothing. */
  readonly reset: () => void;
}
