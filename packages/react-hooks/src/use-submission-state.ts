import type { AnyEvent, Message, Observed, Resource, Submission } from '@fhir-messaging/core';
import { useEffect } from 'react';
import { useObserved } from './use-observed.ts';

/**
 * The state of a submission, which recalls a message that an earlier page may have sent as soon as that is known: in a later render, or where another
 * component made the submission.
 */
export function useSubmissionState<TState>(
  submission: Observed<TState> & Pick<Submission<object, unknown, Resource>, 'recall'>,
  unsettled: Message<AnyEvent | undefined, Resource> | undefined,
): TState {
  useEffect(() => {
    // After every render: a recall does nothing while another message may have arrived, and has to be repeated once that message surely did not.
    if (unsettled) submission.recall(unsettled);
  });
  return useObserved(submission);
}
