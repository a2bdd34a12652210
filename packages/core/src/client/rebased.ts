import { isMessagingError } from '../errors.ts';
import { isError } from '../fhir/issue.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { withRecords } from '../graph/edit-state.ts';
import { isPlace } from '../graph/entry-index.ts';
import { graphFrom, stateOf } from '../graph/graph-value.ts';
import { isMadeOf } from '../graph/made-of.ts';
import { focusKeys, underAssigned } from '../message/adopt-reply.ts';
import type { Adoption } from '../message/adopt-reply.ts';
import { withEdits } from './with-edits.ts';

/** A draft, and what its changes count from. */
export interface Based<TResource extends Resource> {
  readonly base: BundleGraph<TResource>;
  readonly graph: BundleGraph<TResource>;
}

/**
 * Has a draft go on from what was sent, under the ids that the server assigned and the draft's own header, as every message has one of its own;
 * `undefined` where that is of something else, its ids cannot be told or taken over for certain, or an entry of the draft goes by its position.
 *
 * @param shown - the graphs that the draft was. What was made of one had its edits, and what is different now was edited later; what was made of none
 * was sent from elsewhere, and gets them.
 */
export function rebased<TResource extends Resource>(
  draft: Based<TResource>,
  { graph: sent, assigned, issues }: Adoption<TResource>,
  shown: WeakSet<object>,
): Based<TResource> | undefined {
  try {
    const graph = underAssigned(draft.graph, assigned);
    const [own, theirs] = [stateOf(graph), stateOf(underAssigned(sent, assigned))];
    const focus = [...focusKeys(sent)];
    const isOther = focus.length === 0 || focus.some((key) => own.positionOf(key) < 0);
    if (isOther || issues.some(isError) || own.index.keys.some(isPlace)) return undefined;
    const records = [...own.records.slice(0, own.header ? 1 : 0), ...theirs.records.slice(theirs.header ? 1 : 0)];
    const base = graphFrom<TResource>(withRecords(own, records));
    if (isMadeOf(sent, shown)) return { base, graph };
    return { base, graph: graphFrom(withRecords(own, withEdits(base, underAssigned(draft.base, assigned), graph))) };
  } catch (error) {
    if (!isMessagingError(error)) throw error;
    return undefined;
  }
}
