import { remembered } from '../fhir/groups.ts';
import type { Issue } from '../fhir/issue.ts';
import { isObject } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import { idIn, parseReference, parseRestfulUrl, withVersion } from '../reference/parse-reference.ts';
import type { RestfulUrl } from '../reference/parse-reference.ts';
import { rewriteReferences } from '../reference/rewrite-references.ts';
import type { BundleGraph, Link } from './bundle-graph.ts';
import { indexAfterRename } from './edited-index.ts';
import { editedRecord, duplicateFullUrl, positionToEdit, requireFreeFullUrl } from './edit-state.ts';
import type { EntryRecord } from './entry-record.ts';
import { GraphState } from './graph-state.ts';
import { graphFrom, stateOf } from './graph-value.ts';

/** What a rename tells its caller. */
export interface RenameOptions {
  /**
   * Called for each reference that could not follow: one to a version of the entry, when the new `fullUrl` has no versions; and for each relative one of
   * the entry's own that meant nothing, since the entry was on no server, and means a record of the new one's.
   */
  readonly report?: ((issue: Issue) => void) | undefined;
}

/**
 * The graph with one entry under another `fullUrl`, and every reference to it rewritten: relative, absolute or to a version.
 *
 * The entry's own relative references keep resolving when the server that they were relative to goes, and `resource.id` follows a
 * RESTful `fullUrl`. A reference to a version that has no form any more (a `urn:` has no versions) goes on meaning the server that it meant, by
 * its whole URL, is told to `report`, and stands in `graph.unresolved()` from then on. What another server calls by the type and id of an entry
 * that gets a `urn:` is written as its whole URL too, so that no lenient reader takes the entry for it.
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
  /** The resource's id from then on, where `to` is no RESTful one, which says it. */
  readonly id?: string | undefined;
}

/** Several renames in one step, so that the links of the graph are gone through once. @internal */
export function renameEntries<TResource extends Resource>(
  graph: BundleGraph<TResource>,
  renames: readonly Rename[],
  options: RenameOptions = {},
): BundleGraph<TResource> {
  const state = stateOf(graph);
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
  if (renamed.size === 0) {
    return graph;
  }

  const rewrites = new Map<number, Map<string, string>>();
  const rewrite = ({ from, path }: Pick<Link, 'from' | 'path'>, literal: string | undefined): void => {
    if (literal !== undefined) {
      remembered(rewrites, state.positionOf(from), () => new Map()).set(path, literal);
    }
  };
  for (const [key, entry] of renamed) {
    for (const link of graph.linksFrom(key)) {
      if (link.target === undefined && isRelative(link) && entry.restful && !entry.record.restful) options.report?.(meaningGained(link, entry.position));
      if (link.target === undefined || !renamed.has(link.target)) {
        rewrite(link, ownReference(link, state, entry));
      }
    }
    for (const link of graph.linksTo(key)) {
      if (!isRelative(link) && entry.to === key) {
        continue;
      }
      const position = state.positionOf(link.from);
      const holder = (renamed.get(link.from) ?? state.records[position])?.restful;
      const version = versionIn(link);
      if (version === undefined || entry.restful !== undefined) {
        rewrite(link, referenceTo(link, entry, version, holder));
      } else if (!isFoundById(link, entry)) {
        rewrite(link, onItsServer(link, entry.record));
        options.report?.(versionLost(link, position));
      }
    }
  }
  // On no server any more it goes by its id, read leniently: what another server calls the same is another record.
  const freed = new Set([...renamed.values()].flatMap(({ record, restful, id }) => (restful || (!record.restful && record.id === id) ? [] : `${record.type}/${id}`)));
  for (const link of freed.size > 0 ? graph.unresolved() : []) {
    if (freed.has(link.reference?.split('/_history')[0] ?? '')) rewrite(link, onItsServer(link, state.records[state.positionOf(link.from)]));
  }

  const records = state.records.slice();
  for (const [at, literals] of rewrites) {
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
  return graphFrom(new GraphState(state.envelope, records, state.mode, indexAfterRename(state.index, records, positions)));
}

/** An entry, and what it is about to be called. */
interface RenamedEntry {
  readonly record: EntryRecord;
  readonly position: number;
  readonly to: string;
  readonly restful: RestfulUrl | undefined;
  readonly id: string | undefined;
}

/** What a reference of a renamed entry has to say, once its server is no longer its holder's. */
function ownReference(link: Link, state: GraphState, { record, restful }: RenamedEntry): string | undefined {
  const parsed = parseReference(link.reference ?? '');
  if (parsed.form !== 'relative' || restful?.base === record.restful?.base) {
    return undefined;
  }
  if (!link.lenient) {
    return record.restful && `${record.restful.base}${link.reference ?? ''}`;
  }
  const target = state.records[state.positionOf(link.target ?? '')];
  return target?.fullUrl && withVersion(target.fullUrl, target.restful && parsed.version);
}

/** What a reference to a renamed entry has to say; relative where it was, and where its holder is on the same server. */
function referenceTo(link: Link, { to, restful }: RenamedEntry, version: string | undefined, holder: RestfulUrl | undefined): string {
  const sameServer = isRelative(link) && restful !== undefined && holder?.base === restful.base;
  return withVersion(sameServer ? restful.name : to, version);
}

const isRelative = ({ reference = '' }: Pick<Link, 'reference'>): boolean => parseReference(reference).form === 'relative';

/** Read leniently, a relative reference finds what has no server by its id, whatever its name. */
const isFoundById = (link: Link, { record, id }: RenamedEntry): boolean => isRelative(link) && record.restful === undefined && record.id === id;

/** What a relative reference on a server says that leads out of the graph: left relative, it could lead to another of that name, read leniently. */
function onItsServer(link: Pick<Link, 'reference'>, record: EntryRecord | undefined): string | undefined {
  return record?.restful && isRelative(link) ? `${record.restful.base}${link.reference ?? ''}` : undefined;
}

function versionIn(link: Link): string | undefined {
  const parsed = parseReference(link.reference ?? '');
  return parsed.form === 'relative' || parsed.form === 'absolute' ? parsed.version : undefined;
}

function meaningGained({ path }: Link, position: number): Issue {
  const diagnostics = 'This meant nothing, and would mean a record of the new server: say which server it is on.';
  return { severity: 'error', code: 'not-found', rule: 'reference.no-base', expression: [expressionOf(path, position)], diagnostics };
}

function expressionOf(path: string, position: number): string {
  return `Bundle.entry[${position}].resource${path.slice(path.indexOf('.'))}`;
}

function versionLost(link: Link, position: number): Issue {
  const expression = expressionOf(link.path, position);
  return {
    severity: 'warning',
    code: 'not-supported',
    rule: 'reference.version',
    expression: [expression],
    diagnostics: `The reference at ${expression} names a version, and its target has now a fullUrl that has none: it leads nowhere any more.`,
  };
}
