import { MessagingError } from '../errors.ts';
import { textIn } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from './bundle-graph.ts';
import { requireFreeFullUrl, withRecords } from './edit-state.ts';
import { EntryRecord } from './entry-record.ts';
import { frozenCopy } from './frozen-copy.ts';
import { graphFrom, stateOf } from './graph-value.ts';
import { newFullUrl } from './new-full-url.ts';

/** A resource with the `fullUrl` that it is to have. */
export interface NamedEntry<TResource extends Resource = Resource> {
  readonly fullUrl: string;
  readonly resource: TResource;
}

/** Whether a slot holds a resource with its `fullUrl`, rather than a resource. @internal */
export function isNamedEntry<TResource extends Resource>(slot: TResource | NamedEntry<TResource>): slot is NamedEntry<TResource> {
  return 'resource' in slot && 'fullUrl' in slot && !('resourceType' in slot);
}

/**
 * The graph with one entry more, at its end; a resource without a `fullUrl` gets a fresh `urn:uuid:`.
 *
 * The given resource is copied: neither changed nor frozen.
 *
 * @throws {MessagingError} `entry.duplicate` when the `fullUrl` is taken; `entry.invalid` when it is no absolute URI, names a version or is
 * another type's, or when there is no `resourceType`; `input.limit` when the resource is nested more than 200 levels deep.
 * @example addEntry(graph, { fullUrl, resource: coverage })
 */
export function addEntry<TResource extends Resource>(
  graph: BundleGraph<TResource>,
  added: NoInfer<TResource | NamedEntry<TResource>>,
): BundleGraph<TResource> {
  const state = stateOf(graph);
  const { fullUrl, resource } = isNamedEntry(added) ? added : { fullUrl: newFullUrl(), resource: added };
  const type = textIn(resource, 'resourceType');
  if (type === undefined) {
    throw new MessagingError('entry.invalid', 'What is added has no resourceType.');
  }
  requireFreeFullUrl(state, fullUrl, type);
  return graphFrom(withRecords(state, [...state.records, new EntryRecord(frozenCopy({ fullUrl, resource }), true)]));
}
