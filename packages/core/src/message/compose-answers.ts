import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import type { EntryRecord } from '../graph/entry-record.ts';
import { stateOf } from '../graph/graph-value.ts';
import { rewriteReferences } from '../reference/rewrite-references.ts';
import { composeEntry } from './compose-entries.ts';
import type { ComposedEntry, Naming } from './compose-entries.ts';

/**
 * The entries of a reply, in the order of what they hold.
 *
 * The request's own resources keep their `fullUrl` where a message may have it, and `base` does not name them; what led from one of them to another
 * does so under the names that they have now.
 */
export function composeAnswers(slots: readonly object[], request: BundleGraph<Resource>, naming: Naming): ComposedEntry[] {
  const state = stateOf(request);
  const positions = new Map<object, number>(slots.length > 0 ? state.records.map(({ glimpse }, position) => [glimpse, position]) : []);
  const names = new Map<number, string>();
  const composed = slots.map((slot): ComposedEntry => {
    const position = positions.get(slot);
    const record = position === undefined ? undefined : state.records[position];
    // What is no resource goes in as it is, for the check to refuse.
    const entry = composeEntry(record && keepsName(record, naming) ? record.entryGlimpse : slot, naming) ?? { fullUrl: `urn:uuid:${naming.newId()}`, resource: {} };
    if (position !== undefined) names.set(position, entry.fullUrl);
    return entry;
  });
  for (const [position, name] of names) {
    if (state.records[position]?.fullUrl === name) names.delete(position);
  }
  return composed.map((entry, place) => {
    const position = positions.get(slots[place] ?? {});
    if (position === undefined || names.size === 0) {
      return entry;
    }
    const rewrites = state.locatedFrom(position).flatMap((located, index) => {
      const name = located.kind === 'entry' ? names.get(located.position) : undefined;
      const path = state.records[position]?.references[index]?.path;
      return name === undefined || path === undefined ? [] : [[path, name] as const];
    });
    return { ...entry, resource: rewriteReferences(entry.resource, new Map(rewrites)) };
  });
}

/** Whether a request's entry may be called the same in what we write, whose rules are the strict ones. */
function keepsName({ restful, fullUrl = '', type, id }: EntryRecord, { base }: Naming): boolean {
  return (base === undefined || id === undefined) && (restful ? restful.name === `${type}/${id}` : fullUrl.startsWith('urn:'));
}
