import { MessagingError } from '../errors.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Resource } from '../fhir/resource.ts';
import { parseReference, parseRestfulUrl, withVersion } from '../reference/parse-reference.ts';
import type { RestfulUrl } from '../reference/parse-reference.ts';
import { rewriteReferences } from '../reference/rewrite-references.ts';
import type { BundleGraph, Link } from './bundle-graph.ts';
import { positionToEdit, requireFreeFullUrl, withRecords } from './edit-state.ts';
import { EntryRecord } from './entry-record.ts';
import type { GraphState } from './graph-state.ts';
import { graphFrom, stateOf } from './graph-value.ts';

/** What a rename tells its caller. */
export interface RenameOptions {
  /** Called for each reference that could not follow: one to a version of the entry, when the new `fullUrl` has no versions. */
  readonly report?: ((issue: Issue) => void) | undefined;
}

/**
 * The graph with one entry under another `fullUrl`, and every reference to it rewritten: relative, absolute or to a version.
 *
 * The entry's own relative references keep resolving when the server that they were relative to goes, and `resource.id` follows a
 * RESTful `fullUrl`. A reference to a version that has no form any more (a `urn:` has no versions) stays as it was, is told to
 * `report`, and stands in `graph.unresolved()` from then on.
 *
 * @throws {MessagingError} `entry.unknown`; `entry.duplicate` when the new `fullUrl` is taken; `entry.invalid` when it is no absolute URI,
 * names a version, or is another type's.
 */
export function renameEntry<TResource extends Resource>(
  graph: BundleGraph<TResource>,
  from: string,
  to: string,
  options: RenameOptions = {},
): BundleGraph<TResource> {
  const state = stateOf(graph);
  const position = positionToEdit(state, from);
  const renamed = state.records[position];
  if (renamed === undefined || renamed.fullUrl === to) {
    return graph;
  }
  requireFreeFullUrl(state, to);
  const restful = parseRestfulUrl(to);
  if (restful !== undefined && restful.type !== renamed.type) {
    throw new MessagingError('entry.invalid', `A ${renamed.type ?? 'resource without a type'} cannot have the fullUrl of a ${restful.type}.`);
  }

  const key = state.keyAt(position);
  const rewrites = new RewritesByHolder(state);
  for (const link of graph.linksFrom(key)) {
    rewrites.add(link, ownReference(link, state, renamed, restful));
  }
  for (const link of graph.linksTo(key)) {
    const holder = link.from === key ? restful : state.records[state.positionOf(link.from)]?.restful;
    rewrites.add(link, referenceTo(link, to, holder, restful, options.report));
  }

  const records = state.records.slice();
  for (const [at, record] of rewrites.records()) {
    records[at] = record;
  }
  const { resource } = records[position]?.entry ?? {};
  const named = { ...(typeof resource === 'object' ? resource : undefined), ...(restful && { id: restful.id }) };
  records[position] = EntryRecord.of({ ...renamed.entry, fullUrl: to, resource: named }, renamed);
  return graphFrom(withRecords(state, records));
}

/** What a reference of the renamed entry has to say, once its server is no longer its holder's. */
function ownReference(link: Link, state: GraphState, renamed: EntryRecord, restful: RestfulUrl | undefined): string | undefined {
  const parsed = parseReference(link.reference ?? '');
  if (parsed.form !== 'relative' || restful?.base === renamed.restful?.base) {
    return undefined;
  }
  return link.lenient ? state.records[state.positionOf(link.target ?? '')]?.fullUrl : renamed.restful && `${renamed.restful.base}${link.reference ?? ''}`;
}

/** What a reference to the renamed entry has to say; relative where it was, and where its holder is on the same server. */
function referenceTo(
  link: Link,
  to: string,
  holder: RestfulUrl | undefined,
  restful: RestfulUrl | undefined,
  report: RenameOptions['report'],
): string | undefined {
  const parsed = parseReference(link.reference ?? '');
  const version = parsed.form === 'relative' || parsed.form === 'absolute' ? parsed.version : undefined;
  if (version !== undefined && restful === undefined) {
    report?.({
      severity: 'warning',
      code: 'not-supported',
      rule: 'reference.version',
      expression: [link.path],
      diagnostics: `The reference at ${link.path} names a version, and its target has now a fullUrl that has none: it leads nowhere any more.`,
    });
    return undefined;
  }
  const sameServer = parsed.form === 'relative' && restful !== undefined && holder?.base === restful.base;
  return withVersion(sameServer ? `${restful.type}/${restful.id}` : to, version);
}

/** New literals, gathered by the entry that holds them. */
class RewritesByHolder {
  readonly #state: GraphState;
  readonly #byPosition = new Map<number, Map<string, string>>();

  constructor(state: GraphState) {
    this.#state = state;
  }

  add(link: Link, literal: string | undefined): void {
    if (literal === undefined) {
      return;
    }
    const position = this.#state.positionOf(link.from);
    const rewrites = this.#byPosition.get(position) ?? new Map<string, string>();
    this.#byPosition.set(position, rewrites.set(link.path, literal));
  }

  *records(): Iterable<[number, EntryRecord]> {
    for (const [position, rewrites] of this.#byPosition) {
      const record = this.#state.records[position];
      if (record?.resource !== undefined) {
        yield [position, EntryRecord.of({ ...record.entry, resource: rewriteReferences(record.resource, rewrites) }, record)];
      }
    }
  }
}
