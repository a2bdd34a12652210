import { member } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import type { EntryRecord } from '../graph/entry-record.ts';
import { stateOf } from '../graph/graph-value.ts';
import { parseReference, parseRestfulUrl, withVersion } from '../reference/parse-reference.ts';
import { lenientReason } from '../reference/resolve-reference.ts';
import { rewriteReferences } from '../reference/rewrite-references.ts';
import { composeEntry } from './compose-entries.ts';
import type { ComposedEntry, Naming } from './compose-entries.ts';

/**
 * The entries of a reply, in the order of what they hold.
 *
 * The request's own resources keep their `fullUrl` where a message may have it, and neither `base` nor the caller names them. What they refer to stays
 * what it was, under whatever name it has now: by its type and id alone a reference would mean another record. One that had no meaning is written so
 * that it gets none, and the check refuses it.
 */
export function composeAnswers(slots: readonly object[], request: BundleGraph<Resource>, naming: Naming): readonly ComposedEntry[] {
  const state = stateOf(request);
  const positions = new Map<unknown, number>(slots.length > 0 ? state.records.map(({ glimpse }, position) => [glimpse, position]) : []);
  const names = new Map<number, string>();
  const composed = slots.map((slot) => {
    const position = positions.get(slot) ?? positions.get(member(slot, 'resource')) ?? -1;
    const record = state.records[position];
    // What is no resource goes in as it is, for the check to refuse.
    const entry = composeEntry(record?.glimpse === slot && keepsName(record, naming) ? record.entryGlimpse : slot, naming) ?? { fullUrl: `urn:uuid:${naming.newId()}`, resource: {} };
    if (record) names.set(position, entry.fullUrl);
    return { entry, record, position };
  });
  return composed.map(({ entry, record, position }) => {
    if (record === undefined) {
      return entry;
    }
    const base = record.restful?.base;
    const isThere = base !== undefined && base === parseRestfulUrl(entry.fullUrl)?.base;
    const rewrites = state.locatedFrom(position).flatMap((located, index) => {
      const { path = '', literal = '' } = record.references[index] ?? {};
      const target = located.kind === 'entry' ? located.position : -1;
      const { fullUrl, restful } = state.records[target] ?? {};
      const name = names.get(target);
      const parsed = parseReference(literal);
      if (name !== undefined && (name !== fullUrl || located.reason === lenientReason)) {
        return [[path, withVersion(name, parseRestfulUrl(name) && 'version' in parsed ? parsed.version : undefined)] as const];
      }
      // With nothing but a slash before it, it is no reference.
      return isThere || parsed.form !== 'relative' ? [] : [[path, (base ?? restful?.base ?? '/') + literal] as const];
    });
    return { ...entry, resource: rewriteReferences(entry.resource, new Map(rewrites)) };
  });
}

/** Whether a request's entry may be called the same in what we write, whose rules are the strict ones. */
function keepsName({ restful, fullUrl = '', type, id }: EntryRecord, { base }: Naming): boolean {
  return (base === undefined || id === undefined) && (restful ? restful.name === `${type}/${id}` : fullUrl.startsWith('urn:'));
}
