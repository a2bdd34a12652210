import type { Issue } from '../fhir/issue.ts';
import { isObject } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import { idIn, parseRestfulUrl } from '../reference/parse-reference.ts';
import { rewriteReferences } from '../reference/rewrite-references.ts';
import type { BundleGraph } from './bundle-graph.ts';
import { indexAfterRename } from './edited-index.ts';
import { editedRecord, duplicateFullUrl, positionToEdit, requireFreeFullUrl } from './edit-state.ts';
import { GraphState } from './graph-state.ts';
import { graphFrom, stateOf } from './graph-value.ts';
import { madeOf } from './made-of.ts';
import { rewritesAfter } from './rename-references.ts';
import type { RenamedEntry } from './rename-references.ts';

/** How a rename reports to its caller. */
export interface RenameOptions {
  /**
   * Called for each reference to a version of the entry that could not follow, since the new `fullUrl` has no versions; and for each relative reference
   * in the entry that meant nothing, since the entry was on no server, and now means a record of the new server.
   */
  readonly report?: ((issue: Issue) => void) | undefined;
}

/**
 * The graph with one entry under another `fullUrl`, and every reference to it rewritten: relative, absolute or to a version.
 *
 * The entry's own relative references get their whole URL when it leaves the server that they are relative to, and `resource.id` follows a
 * RESTful `fullUrl`. A reference to a version cannot follow to a `urn:`, which has no versions: it gets its whole URL on the old server, is told
 * to `report`, and stands in `graph.unresolved()` from then on; one that lenient reading led to an entry on no server gets that entry's new name, without
 * the version, where its own entry moves as well. A relative reference to another server's record gets its whole URL too where the
 * renamed entry has that type and id and gets a `urn:`, so that no lenient reader takes the entry for the record.
 *
 * All other references keep their text. A relative one of the entry's own that meant nothing is told to `report` where it now means a record. One
 * that lenient reading led to another entry leads to the renamed one where that gets the very URL it means. One to a version that the entry has not keeps
 * the old name.
 *
 * A reference is what a `reference` member says: `Attachment.url`, other `uri`, `url` and `canonical` elements and links in the narrative keep the old
 * name, and nothing is reported of them.
 *
 * @throws {MessagingError} `entry.unknown`; `entry.duplicate` when the new `fullUrl` is taken; `entry.invalid` when it is no absolute URI,
 * names a version, or is another type's.
 * @example renameEntry(graph, 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', 'https://ehr.example.org/fhir/ServiceRequest/123')
 */
export function renameEntry<TResource extends Resource>(
  graph: BundleGraph<TResource>,
  from: string,
  to: string,
  options: RenameOptions = {},
): BundleGraph<TResource> {
  return renameEntries(graph, [{ from, to }], options);
}

/** One entry's new name. @internal */
export interface Rename {
  readonly from: string;
  readonly to: string;
  /** The resource's new id, for a `to` that is not RESTful; a RESTful one says the id itself. */
  readonly id?: string | undefined;
}

/** Several renames in one step, so that the links of the graph are gone through once. @internal */
export function renameEntries<TResource extends Resource>(
  graph: BundleGraph<TResource>,
  renames: readonly Rename[],
  { report }: RenameOptions = {},
): BundleGraph<TResource> {
  const state = stateOf(graph);
  const renamed = renamedEntries(state, renames);
  if (renamed.size === 0) {
    return graph;
  }
  const records = state.records.slice();
  for (const [at, literals] of rewritesAfter(graph, renamed, report)) {
    const record = state.records[at];
    if (record?.resource !== undefined) {
      records[at] = editedRecord(record, { ...record.entry, resource: rewriteReferences(record.resource, literals) });
    }
  }
  for (const { record, position, to, id } of renamed.values()) {
    const entry = records[position]?.entry ?? record.entry;
    const { resource } = entry;
    const named = isObject(resource) && id !== undefined && { resource: { ...resource, id } };
    records[position] = editedRecord(record, { ...entry, fullUrl: to, ...named });
  }
  const positions = [...renamed.values()].map(({ position }) => position);
  return madeOf(graphFrom(new GraphState(state.envelope, records, state.mode, indexAfterRename(state.index, records, positions))), graph);
}

/** The entries that get another name or id, by their present keys. */
function renamedEntries(state: GraphState, renames: readonly Rename[]): ReadonlyMap<string, RenamedEntry> {
  const renamed = new Map<string, RenamedEntry>();
  const taken = new Set<string>();
  for (const { from, to, id: given } of renames) {
    const position = positionToEdit(state, from);
    const record = state.records[position];
    if (record === undefined) {
      continue;
    }
    const restful = parseRestfulUrl(to);
    const id = restful ? idIn(restful.name) : (given ?? record.id);
    if (record.fullUrl !== to) {
      requireFreeFullUrl(state, to, record.type);
      if (taken.has(to)) {
        throw duplicateFullUrl(to);
      }
      taken.add(to);
    }
    if (record.fullUrl !== to || (!restful && record.id !== id)) {
      renamed.set(state.keyAt(position), { record, position, to, restful, id });
    }
  }
  return renamed;
}
