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
   * Creates a message of the content, and sends it. It does nothing while a message is being sent, and once it was taken over or processed; but an
   * update with other content is the next message, and is asked about first where the one before was taken over and is not answered yet.
   *
   * The same content after a failure is the same message, with the same ids and bytes; other content is asked about first where the failed message
   * may have arrived (`mayHaveArrived`). Where a message came to nothing, the one before it is the one that counts. Over a messenger with `wentOn`, such as
   * one whose sends go through an outbox, it is looked at first: where it went on since, it counts as one that may have arrived.
   *
   * @throws {TypeError} when the messenger has no source and none is given.
   */
  readonly submit: (content: TContent, options?: SubmitOptions) => Promise<SubmissionState<TEvent, TResource>>;
  /**
   * Takes in a message that was being sent when its page or process ended: the state is then `failed`, with its delivery unknown. It does nothing
   * where the message submitted last may have arrived, or where this one was sent or taken in before.
   */
  readonly recall: (message: Message<AnyEvent | undefined, Resource>) => void;
  /** Sends the last message again, unchanged, where it failed or may have arrived. */
  readonly resend: () => Promise<SubmissionState<TEvent, TResource>>;
  /** Answers `mayHaveArrived`: sends the other content as a new message. */
  readonly submitAnyway: () => Promise<SubmissionState<TEvent, TResource>>;
  /** Answers `mayHaveArrived`: sends nothing, and goes back to what is known of the earlier message. */
  readonly dismiss: () => void;
  /** Ends the send; the state is then `failed`, with what is known of its delivery. */
  readonly abort: () => void;
  /** Forgets the message, so that the next one submitted is new. It does nothing while one is being sent. */
  readonly reset: () => void;
}
