import type { Issue } from '../fhir/issue.ts';
import { member } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import type { EntryRecord } from '../graph/entry-record.ts';
import type { GraphState } from '../graph/graph-state.ts';
import { stateOf } from '../graph/graph-value.ts';
import { parseReference, parseRestfulUrl, withVersion } from '../reference/parse-reference.ts';
import { lenientReason } from '../reference/resolve-reference.ts';
import { rewriteReferences } from '../reference/rewrite-references.ts';
import { referencesOf } from '../reference/walk-references.ts';
import { pathInBundle } from './check/check-context.ts';
import { composeEntry } from './compose-entries.ts';
import type { ComposedEntry, Naming } from './compose-entries.ts';
import { isUrn, takenAlong, urnPosition } from './take-along.ts';
import type { Answer } from './take-along.ts';

/** The content of a reply beside its header. */
export interface Answers {
  /** The given slots, in their order. */
  readonly entries: readonly ComposedEntry[];
  /** The request's entries that these refer to by a `urn:`. */
  readonly along: readonly ComposedEntry[];
  readonly issues: readonly Issue[];
}

/**
 * The entries of a reply.
 *
 * The request's own resources keep their `fullUrl` where a message may have it, and neither the caller nor `base` names them; `base` names none that is
 * on another server: its id there is another record's here. Their references keep their targets, under the names that these have now, since a type and
 * id alone would mean another record. A reference that had no meaning is written so that it gets none, and the check refuses it.
 */
export function composeAnswers(slots: readonly object[], request: BundleGraph<Resource>, naming: Naming): Answers {
  const state = stateOf(request);
  const positions = new Map<unknown, number>(slots.length > 0 ? state.records.map(({ glimpse }, position) => [glimpse, position]) : []);
  const names = new Map<number, string>();
  const composed = slots.map((slot) => {
    const position = positions.get(slot) ?? positions.get(member(slot, 'resource')) ?? -1;
    const record = state.records[position];
    const own = isElsewhere(record, naming.base) ? { ...naming, base: undefined } : naming;
    // A slot without a resource goes in as an empty one, for the check to refuse.
    const entry = composeEntry(record?.glimpse === slot && keepsName(record, own) ? record.entryGlimpse : slot, own) ?? { fullUrl: `urn:uuid:${naming.newId()}`, resource: {} };
    if (record) names.set(position, entry.fullUrl);
    return { entry, record, position, references: record?.references ?? referencesOf(entry.resource) };
  });
  const along = takenAlong(composed, names, state);
  for (const { entry, position } of along) names.set(position, entry.fullUrl);
  const fullUrls = new Set(composed.map(({ entry }) => entry.fullUrl));
  const issues: Issue[] = [];
  const entries = [...composed, ...along].map((answer, index) => {
    const { entry, record, position, references } = answer;
    if (record === undefined) {
      issues.push(...unsaidServers(answer, index + 1, state, fullUrls, naming.base));
      // The request's own may go under another name here; what goes under that `urn:` itself comes first.
      const rewrites = references.flatMap(({ path, literal = '' }) => {
        const name = fullUrls.has(literal) ? undefined : names.get(urnPosition(literal, state));
        return name === undefined ? [] : [[path, name] as const];
      });
      return { ...entry, resource: rewriteReferences(entry.resource, new Map(rewrites)) };
    }
    const base = record.restful?.base;
    const isThere = base !== undefined && base === parseRestfulUrl(entry.fullUrl)?.base;
    const rewrites = state.locatedFrom(position).flatMap((located, at) => {
      const { path = '', literal = '' } = references[at] ?? {};
      const target = located.kind === 'entry' ? located.position : -1;
      const { fullUrl, restful } = state.records[target] ?? {};
      const name = names.get(target);
      const parsed = parseReference(literal);
      if (name !== undefined && (name !== fullUrl || located.reason === lenientReason)) {
        return [[path, withVersion(name, parseRestfulUrl(name) && 'version' in parsed ? parsed.version : undefined)] as const];
      }
      // A slash before it makes it no reference at all, where no server is known.
      return isThere || parsed.form !== 'relative' ? [] : [[path, (base ?? restful?.base ?? '/') + literal] as const];
    });
    return { ...entry, resource: rewriteReferences(entry.resource, new Map(rewrites)) };
  });
  return { entries: entries.slice(0, composed.length), along: entries.slice(composed.length), issues };
}

/** The references by which a copy of a request's resource would begin to mean what the replier has under that type and id. */
function unsaidServers({ entry: { fullUrl }, references }: Answer, position: number, { index, records }: GraphState, fullUrls: ReadonlySet<string>, base: string | undefined): readonly Issue[] {
  const server = parseRestfulUrl(fullUrl)?.base ?? base;
  // A copy under the fullUrl of a request's entry is on that entry's server, and means what the entry means.
  if (server === undefined || index.find('fullUrl', fullUrl) !== undefined) {
    return [];
  }
  return references.flatMap(({ path, literal = '' }) => {
    const parsed = parseReference(literal);
    const found = parsed.form === 'relative' && !fullUrls.has(server + parsed.name) ? index.find('name', parsed.name) : undefined;
    const isMistaken = [found ?? []].flat().some((at) => isElsewhere(records[at], server));
    return isMistaken ? [{ ...unsaidServer, expression: [pathInBundle(position, path)] }] : [];
  });
}

/** The issue of a relative reference in a copy of a request's resource: it would mean the replier's record of that type and id. */
const unsaidServer: Issue = {
  severity: 'error',
  code: 'multiple-matches',
  rule: 'reference.server',
  diagnostics: 'This has to say which server it means: the request has that type and id on another.',
};

/** Whether a request's entry is on a server, and on another one than `base`. */
function isElsewhere(record: EntryRecord | undefined, base: string | undefined): boolean {
  return record?.restful !== undefined && record.restful.base !== base;
}

/** Whether a request's entry may keep its `fullUrl` in a reply, which has to pass the strict rules. */
function keepsName({ restful, fullUrl = '', type, id }: EntryRecord, { base }: Naming): boolean {
  return (base === undefined || id === undefined) && (restful ? restful.name === `${type}/${id}` : isUrn(fullUrl));
}
