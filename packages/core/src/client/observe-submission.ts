import type { AnyEvent, EventContract, EventTable } from '../event/event-contract.ts';
import type { PayloadOf } from '../event/payload.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import type { Message } from '../message/message.ts';
import type { Messenger } from './messenger.ts';
import { runSubmission } from './run-submission.ts';
import type { Submission } from './submission.ts';

/** What a submission begins with. */
export interface SubmissionOptions<TResource extends Resource = Resource> {
  /**
   * A message that was being sent when its page or process ended: it begins as `failed`, with its delivery unknown. A press for the same content sends
   * it again, other content is asked about, and so is a person with neither id nor identifier whose entry has another name: that may be another person.
   * `resend` sends it without `async`. One that was read without a contract, and keeps that of the event, is sent under it. Give one that is found
   * later to `recall`.
   */
  readonly unsettled?: Message<AnyEvent | undefined, TResource> | undefined;
}

/**
 * Submits messages of an event, one at a time, as a state to show: what a form behind a button needs, and what `useSubmitMessage` shows.
 *
 * A submission is one message until that is answered by a refusal or a `fatal-error`, other content is submitted, or `reset`: a second press does nothing
 * while it is being sent, and once it was taken over or processed.
 *
 * @example
 * const submission = observeSubmission(messenger, submitServiceRequest);
 * submission.subscribe(() => show(submission.getState()));
 * button.onclick = () => submission.submit({ ServiceRequest: order, Patient: patient });
 */
export function observeSubmission<TTable extends EventTable, TResource extends Resource>(
  messenger: Messenger,
  event: EventContract<TTable, TResource>,
  options?: NoInfer<SubmissionOptions<TResource>>,
): Submission<PayloadOf<EventContract<TTable, TResource>> | BundleGraph<TResource>, EventContract<TTable, TResource>, TResource>;
export function observeSubmission(messenger: Messenger, event: AnyEvent, { unsettled }: SubmissionOptions = {}): unknown {
  return runSubmission<PayloadOf<AnyEvent> | BundleGraph<Resource>>({
    messenger,
    event,
    unsettled,
    prepare: (content) => content,
    create: (content, options) => messenger.create(event, content, options),
    mayBeFollowed: false,
  });
}
