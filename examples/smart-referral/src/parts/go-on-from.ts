import type { BundleGraph, Draft } from '@fhir-messaging/core';
import type { QueuedMessage } from '@fhir-messaging/react-hooks';
import type { FhirResource } from 'fhir/r4';

/** The last message of a referral, as far as the next change depends on it. */
type Last = Pick<QueuedMessage, 'id' | 'isOver' | 'content'>;

/**
 * Has the draft of the next change go on from what stands now. What somebody has begun to change stays, and the outbox gives it the names of the reply.
 *
 * Where another change was queued meanwhile, in another window too, it begins anew on that one: sent as it is, it would undo what that one says. Where
 * the last one was not taken, that is there to be mended, and what was written since stays on top of it.
 */
export function goOnFrom(base: BundleGraph, last: Last, before: Last | undefined, draft: Pick<Draft<FhirResource>, 'getState' | 'reset' | 'change'>): void {
  const { graph, dirty } = draft.getState();
  const isOther = last.id !== before?.id;
  const isNews = isOther || last.isOver !== before.isOver;
  const unmade = last.isOver ? last.content?.graph : undefined;
  if (dirty && !isNews) return;
  draft.reset(base);
  if (isNews && unmade) draft.change(() => unmade);
  if (dirty && !isOther) draft.change(() => graph);
}
