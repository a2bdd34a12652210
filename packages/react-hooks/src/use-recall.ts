import type { AnyEvent, Message, Resource, Submission } from '@fhir-messaging/core';
import { useEffect } from 'react';

/** Gives a submission what an earlier page may have sent, whenever that is known: in a later render, or when another component made the submission. */
export function useRecall({ recall }: Pick<Submission<object, unknown, Resource>, 'recall'>, unsettled: Message<AnyEvent | undefined, Resource> | undefined): void {
  useEffect(() => {
    if (unsettled) recall(unsettled);
  }, [recall, unsettled]);
}
