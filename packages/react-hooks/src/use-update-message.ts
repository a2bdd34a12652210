import { observeUpdate } from '@fhir-messaging/core';
import type { Adoption, AnyEvent, EventContract, EventTable, Resource, SubmissionOptions, SubmissionState, Submitted, Update } from '@fhir-messaging/core';
import { useMessaging } from './messaging-provider.ts';
import { useKept } from './use-kept.ts';
import { useSubmissionState } from './use-submission-state.ts';

/** Updates of one message with their state as of this render; the actions are the same functions in every one. */
export type UpdateMessage<TEvent, TResource extends Resource> = Update<TEvent, TResource> & {
  readonly state: SubmissionState<TEvent, TResource>;
  /** The message as the server knows it now: draft the next update from its `graph`. */
  readonly adopted: Adoption<TResource>;
};

/**
 * Updates a submitted message, under the ids that the server assigned to it: the state of the latest update, and what a person can do about it.
 *
 * The updates are the provider's, for that message and event, which is defined once, outside of rendering: the same in every component, and when one leaves and comes back.
 *
 * @param submitted - the state of `useSubmitMessage` when it is `done`; with another message, by its id, the updates begin anew.
 * @param options - `unsettled`: an update that an earlier page may have sent.
 * @throws {TypeError} when there is no MessagingProvider.
 * @example
 * const { adopted, submit } = useUpdateMessage(updateServiceRequest, submitted);
 * const { state, edit, rebase } = useMessageDraft(adopted.graph, { event: updateServiceRequest });
 * useEffect(() => rebase(adopted), [rebase, adopted]); // once an update was sent, changes count from it, and what was typed since stays
 */
export function useUpdateMessage<TTable extends EventTable, TResource extends Resource>(
  event: EventContract<TTable, TResource>,
  submitted: NoInfer<Submitted<TResource>>,
  options?: NoInfer<SubmissionOptions<TResource>>,
): UpdateMessage<EventContract<TTable, TResource>, TResource>;
export function useUpdateMessage(event: AnyEvent, submitted: Submitted<Resource>, options?: SubmissionOptions): unknown {
  const { messenger, updates } = useMessaging();
  // A message that is read anew, as in each render, is the same by its id.
  const key = submitted.message.identity.message ?? submitted.message;
  const update = useKept(() => {
    const ofEvent = updates.get(event) ?? new Map<unknown, Update<AnyEvent, Resource>>();
    const kept = ofEvent.get(key) ?? observeUpdate(messenger, event, submitted, options);
    updates.set(event, ofEvent.set(key, kept));
    return kept;
  }, [updates, event, key]);
  const state = useSubmissionState(update, options?.unsettled);
  return { ...update, state, adopted: update.getAdopted() };
}
