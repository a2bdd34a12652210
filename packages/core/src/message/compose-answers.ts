import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import type { EntryRecord } from '../graph/entry-record.ts';
import { stateOf } from '../graph/graph-value.ts';
import { parseReference, parseRestfulUrl } from '../reference/parse-reference.ts';
import { rewriteReferences } from '../reference/rewrite-references.ts';
import { composeEntry } from './compose-entries.ts';
import type { ComposedEntry, Naming } from './compose-entries.ts';

/** The entries of a reply, and which of them are the request's own. */
export interface Answers {
  readonly entries: readonly ComposedEntry[];
  readonly ofRequest: ReadonlySet<ComposedEntry>;
}

/**
 * The entries of a reply, in the order of what they hold.
 *
 * The request's own resources keep their `fullUrl` where a message may have it, and `base` does not name them. What they refer to stays what it was,
 * under whatever name it has now: relative to another server a reference would mean another record. One with a reference that had no meaning is
 * not named by `base`, where that would give it one.
 */
export function composeAnswers(slots: readonly object[], request: BundleGraph<Resource>, naming: Naming): Answers {
  const state = stateOf(request);
  const positions = new Map<object, number>(slots.length > 0 ? state.records.map(({ glimpse }, position) => [glimpse, position]) : []);
  const names = new Map<number, string>();
  const composed = slots.map((slot): ComposedEntry => {
    const position = positions.get(slot);
    const record = position === undefined ? undefined : state.records[position];
    // What is no resource goes in as it is, for the check to refuse.
    const meansNothing = naming.base !== undefined && position !== undefined && !record?.restful && state.locatedFrom(position).some(({ reason }) => reason === 'no-base');
    const own = meansNothing ? { ...naming, base: undefined } : naming;
    const entry = composeEntry(record && keepsName(record, own) ? record.entryGlimpse : slot, own) ?? { fullUrl: `urn:uuid:${naming.newId()}`, resource: {} };
    if (position !== undefined) names.set(position, entry.fullUrl);
    return entry;
  });
  for (const [position, name] of names) {
    if (state.records[position]?.fullUrl === name) names.delete(position);
  }
  const positionAt = (place: number): number | undefined => positions.get(slots[place] ?? {});
  const entries = composed.map((entry, place) => {
    const position = positionAt(place);
    if (position === undefined || names.size === 0) {
      return entry;
    }
    const record = state.records[position];
    const base = record?.restful?.base;
    const isMoved = base !== parseRestfulUrl(entry.fullUrl)?.base;
    const rewrites = state.locatedFrom(position).flatMap((located, index) => {
      const { path = '', literal = '' } = record?.references[index] ?? {};
      const { form } = parseReference(literal);
      const meant = located.kind === 'entry' ? state.records[located.position]?.fullUrl : base && base + literal;
      const name = (located.kind === 'entry' ? names.get(located.position) : undefined) ?? (isMoved && form === 'relative' ? meant : undefined);
      return name === undefined ? [] : [[path, name] as const];
    });
    return { ...entry, resource: rewriteReferences(entry.resource, new Map(rewrites)) };
  });
  return { entries, ofRequest: new Set(entries.filter((_, place) => positionAt(place) !== undefined)) };
}

/** Whether a request's entry may be called the same in what we write, whose rules are the strict ones. */
function keepsName({ restful, fullUrl = '', type, id }: EntryRecord, { base }: Naming): boolean {
  return (base === undefined || id === undefined) && (restful ? restful.name === `${type}/${id}` : fullUrl.startsWith('urn:'));
}
