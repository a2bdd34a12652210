import type { BundleGraph, Draft } from '@fhir-messaging/core';
import type { QueuedMessage } from '@fhir-messaging/react-hooks';
import type { FhirResource } from 'fhir/r4';

/** The last message of a referral, as far as the next change depends on it. */
type Last = Pick<QueuedMessage, 'id' | 'isOver' | 'addedAtMs' | 'content'>;

/**
 * Has the draft of the next change go on from what stands now. What somebody has begun to change stays, and the outbox gives it the names of the reply.
 *
 * Where another change was queued meanwhile, in another window too, it begins anew on that one: sent as it is, it would undo what that one says. Where
 * the last one was not taken, or was taken back, that is there to be mended, and what was written since stays on top of it.
 *
 * @param sent - what was sent from here last: it is in the queue.
 * @returns whether something was written that is gone now.
 */
export function goOnFrom(base: BundleGraph, last: Last, before: Last | undefined, draft: Pick<Draft<FhirResource>, 'getState' | 'reset' | 'change'>, sent?: BundleGraph): boolean {
  const { graph, dirty } = draft.getState();
  const isOther = last.id !== before?.id;
  const isNews = isOther || last.isOver !== before.isOver;
  if (dirty && !isNews) return false;
  const isTakenBack = before !== undefined && last.addedAtMs < before.addedAtMs;
  const unmade = (isTakenBack ? before : last.isOver ? last : undefined)?.content?.graph;
  const isBegunOnIt = !isOther || isTakenBack;
  draft.reset(base);
  if (isNews && unmade) draft.change(() => unmade);
  if (dirty && isBegunOnIt) draft.change(() => graph);
  return dirty && !isBegunOnIt && graph !== sent;
}
