import type { AnyEvent, Message, Observed, Resource, Submission } from '@fhir-messaging/core';
import { useEffect } from 'react';
import { useObserved } from './use-observed.ts';

/**
 * The state of a submission, which is given what an earlier page may have sent whenever that is known: in a later render, or where another component
 * made the submission.
 */
export function useSubmissionState<TState>(
  submission: Observed<TState> & Pick<Submission<object, unknown, Resource>, 'recall'>,
  unsettled: Message<AnyEvent | undefined, Resource> | undefined,
): TState {
  useEffect(() => {
    // Each time: what it is no moment for yet is for when what is being sent turns out not to have arrived.
    if (unsettled) submission.recall(unsettled);
  });
  return useObserved(submission);
}
