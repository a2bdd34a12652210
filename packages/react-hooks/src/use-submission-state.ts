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
    // After every render: a recall does nothing while another message may have arrived, and has to be tried again once that one surely did not.
    if (unsettled) submission.recall(unsettled);
  });
  return useObserved(submission);
}
