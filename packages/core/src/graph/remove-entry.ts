import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from './bundle-graph.ts';
import { positionToEdit, withRecords } from './edit-state.ts';
import { graphFrom, stateOf } from './graph-value.ts';
import { sayServers } from './say-servers.ts';

/**
 * The graph without one entry. References that led to it lead nowhere: `graph.unresolved()` lists them.
 *
 * They stay as they are, unless an entry that is on no server has the type and id of the removed one: then relative references get the removed
 * entry's whole URL, so that no lenient reader takes the other entry for it.
 *
 * @throws {MessagingError} `entry.unknown`.
 * @example removeEntry(graph, 'Coverage/7').unresolved()
 */
export function removeEntry<TResource extends Resource>(graph: BundleGraph<TResource>, name: string): BundleGraph<TResource> {
  const state = stateOf(graph);
  const position = positionToEdit(state, name);
  const { fullUrl, restful } = state.records[position] ?? {};
  const rest = state.records.toSpliced(position, 1);
  const isMistakable = restful && state.index.find('id', restful.name) !== undefined;
  return graphFrom(withRecords(state, isMistakable ? sayServers(rest, (_, url) => url === fullUrl) : rest));
}
