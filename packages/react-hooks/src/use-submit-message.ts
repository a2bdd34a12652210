import { observeSubmission } from '@fhir-messaging/core';
import type { AnyEvent, BundleGraph, EventContract, EventTable, PayloadOf, Resource, Submission, SubmissionOptions, SubmissionState } from '@fhir-messaging/core';
import type { KeyedSubmission } from './keyed-submissions.ts';
import { useMessaging } from './messaging-provider.ts';
import { useKept } from './use-kept.ts';
import { useSubmissionState } from './use-submission-state.ts';

/** The options of a submission on screen. */
export interface SubmitMessageOptions<TResource extends Resource = Resource> extends SubmissionOptions<TResource> {
  /**
   * The thing that the message is about, such as the order's id; its URL where the app shows the records of several servers, on which ids may be the
   * same. A submission with a key is the provider's: it outlives the component, and is the same in every component with that event and key. One
   * without is the component's own, and ends with it, though a send goes on.
   */
  readonly key?: string | undefined;
}

/** A submission with its state as of this render; the actions are the same functions in every one. */
export type SubmitMessage<TContent, TEvent, TResource extends Resource> = Submission<TContent, TEvent, TResource> & {
  readonly state: SubmissionState<TEvent, TResource>;
};

/**
 * Submits messages of an event: the state of one message, and what a person can do about it.
 *
 * A submission is one message until that is answered by a refusal or a `fatal-error`, other content is submitted, or `reset`. A second press while it is
 * sent, taken over or processed does nothing. After a failure the same content is the same message; other content has to be confirmed first where the
 * failed message may have arrived (`mayHaveArrived`). Leaving the screen aborts nothing.
 *
 * @param event - defined once, outside of rendering: with another object the submission is another one.
 * @throws {TypeError} when there is no MessagingProvider.
 * @example
 * const { state, submit } = useSubmitMessage(submitServiceRequest, { key: order.id });
 * <button disabled={state.kind === 'sending'} onClick={() => submit({ ServiceRequest: order, Patient: patient })}>Refer</button>
 */
export function useSubmitMessage<TTable extends EventTable, TResource extends Resource>(
  event: EventContract<TTable, TResource>,
  options?: NoInfer<SubmitMessageOptions<TResource>>,
): SubmitMessage<PayloadOf<EventContract<TTable, TResource>> | BundleGraph<TResource>, EventContract<TTable, TResource>, TResource>;
export function useSubmitMessage(event: AnyEvent, { key, unsettled }: SubmitMessageOptions = {}): unknown {
  const { messenger, submissions } = useMessaging();
  const submission = useKept(() => {
    const ofEvent = submissions.get(event) ?? new Map<string | undefined, KeyedSubmission>();
    const kept = ofEvent.get(key) ?? observeSubmission(messenger, event, { unsettled });
    if (key !== undefined) submissions.set(event, ofEvent.set(key, kept));
    return kept;
  }, [submissions, event, key]);
  return { ...submission, state: useSubmissionState(submission, unsettled) };
}
