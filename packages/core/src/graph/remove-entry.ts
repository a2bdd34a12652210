import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from './bundle-graph.ts';
import { positionToEdit, withRecords } from './edit-state.ts';
import { graphFrom, stateOf } from './graph-value.ts';

/**
 * The graph without one entry. References that led to it stay as they are: `graph.unresolved()` tells them.
 *
 * @throws {MessagingError} `entry.unknown`.
 * @example removeEntry(graph, 'Coverage/7').unresolved()
 */
export function removeEntry<TResource extends Resource>(graph: BundleGraph<TResource>, name: string): BundleGraph<TResource> {
  const state = stateOf(graph);
  const position = positionToEdit(state, name);
  return graphFrom(withRecords(state, state.records.toSpliced(position, 1)));
}
