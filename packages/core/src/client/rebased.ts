import { isMessagingError } from '../errors.ts';
import { isError } from '../fhir/issue.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { withRecords } from '../graph/edit-state.ts';
import { graphFrom, stateOf } from '../graph/graph-value.ts';
import { focusKeys, underAssigned } from '../message/adopt-reply.ts';
import type { Adoption } from '../message/adopt-reply.ts';

/** A draft that goes on from what was sent. */
export interface Rebased<TResource extends Resource> {
  /** What was sent, beneath the draft's own header, as every message has one of its own. */
  readonly base: BundleGraph<TResource>;
  /** The draft with all its edits, under the ids that the server assigned. */
  readonly graph: BundleGraph<TResource>;
}

/** Has a draft go on from what was sent; `undefined` where that is of something else, or its ids cannot be told or taken over for certain. */
export function rebased<TResource extends Resource>(draft: BundleGraph<TResource>, { graph: sent, assigned, issues }: Adoption<TResource>): Rebased<TResource> | undefined {
  try {
    const graph = underAssigned(draft, assigned);
    const [own, theirs] = [stateOf(graph), stateOf(underAssigned(sent, assigned))];
    const focus = [...focusKeys(sent)];
    const isOther = focus.length === 0 || focus.some((key) => own.positionOf(key) < 0);
    // An entry without a name was sent under one that the draft does not know.
    if (isOther || issues.some(isError) || draft.entries.some(({ fullUrl }) => fullUrl === undefined)) return undefined;
    const records = [...own.records.slice(0, own.header ? 1 : 0), ...theirs.records.slice(theirs.header ? 1 : 0)];
    return { graph, base: graphFrom(withRecords(own, records)) };
  } catch (error) {
    if (!isMessagingError(error)) throw error;
    return undefined;
  }
}
