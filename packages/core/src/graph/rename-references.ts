import { remembered } from '../fhir/groups.ts';
import type { Issue } from '../fhir/issue.ts';
import type { Resource } from '../fhir/resource.ts';
import { parseReference, withoutVersion, withVersion } from '../reference/parse-reference.ts';
import type { RestfulUrl } from '../reference/parse-reference.ts';
import type { BundleGraph, Link, UnresolvedReference } from './bundle-graph.ts';
import { nameOf } from './entry-index.ts';
import type { EntryRecord } from './entry-record.ts';
import type { GraphState } from './graph-state.ts';
import { stateOf } from './graph-value.ts';

/** An entry, and the name that it is about to get. */
export interface RenamedEntry {
  readonly record: EntryRecord;
  readonly position: number;
  readonly to: string;
  readonly restful: RestfulUrl | undefined;
  readonly id: string | undefined;
}

/** The new literals of references after a rename, by the position of the entry that holds them, and their path. */
export function rewritesAfter(
  graph: BundleGraph<Resource>,
  renamed: ReadonlyMap<string, RenamedEntry>,
  report: ((issue: Issue) => void) | undefined,
): ReadonlyMap<number, ReadonlyMap<string, string>> {
  const state = stateOf(graph);
  const rewrites = new Map<number, Map<string, string>>();
  const rewrite = ({ from, path }: Pick<Link, 'from' | 'path'>, literal: string | undefined): void => {
    if (literal !== undefined) {
      remembered(rewrites, state.positionOf(from), () => new Map()).set(path, literal);
    }
  };
  for (const [key, entry] of renamed) {
    for (const link of graph.linksFrom(key)) {
      if (link.target === undefined && isRelative(link) && entry.restful && !entry.record.restful) report?.(meaningGained(link, entry.position));
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
      } else if (isRelative(link) && !entry.record.restful && holder?.base !== state.records[position]?.restful?.base) {
        // Found leniently, it has no versions; and what names it would name a record where its holder goes.
        rewrite(link, entry.to);
      } else if (!isFoundById(link, entry)) {
        rewrite(link, onItsServer(link, entry.record));
        report?.(versionLost(link, position));
      }
    }
  }
  for (const link of mistakable(graph, renamed)) rewrite(link, onItsServer(link, state.records[state.positionOf(link.from)]));
  return rewrites;
}

/** The references to other servers' records that lenient reading would lead, by type and id, to an entry that is on no server any more. */
function mistakable(graph: BundleGraph<Resource>, renamed: ReadonlyMap<string, RenamedEntry>): readonly UnresolvedReference[] {
  const freed = new Set([...renamed.values()].flatMap((entry) => (entry.restful || keepsName(entry) ? [] : `${entry.record.type}/${entry.id}`)));
  return freed.size > 0 ? graph.unresolved().filter(({ reference }) => freed.has(withoutVersion(reference ?? ''))) : [];
}

/** The new literal of a relative reference in a renamed entry, once the entry has left the server that the reference means. */
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

/** The new literal of a reference to a renamed entry: relative where it was relative and its holder is on the same server. */
function referenceTo(link: Link, { to, restful }: RenamedEntry, version: string | undefined, holder: RestfulUrl | undefined): string {
  const sameServer = isRelative(link) && restful !== undefined && holder?.base === restful.base;
  return withVersion(sameServer ? restful.name : to, version);
}

const isRelative = ({ reference = '' }: Pick<Link, 'reference'>): boolean => parseReference(reference).form === 'relative';

/** Whether lenient reading still finds the entry: it finds one on no server by its id, whatever its `fullUrl`. */
const isFoundById = (link: Link, entry: RenamedEntry): boolean => isRelative(link) && keepsName(entry);

/** Whether an entry that gets a `fullUrl` of no server was found leniently by the same type and id before. */
const keepsName = ({ record, id }: RenamedEntry): boolean => nameOf.id(record) === `${record.type}/${id}`;

/** A relative reference with its holder's server written out, so that no lenient reader takes another entry of that type and id for its target. */
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
