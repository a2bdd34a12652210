import { only } from '../fhir/groups.ts';
import { present } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import { patchBetween } from '../graph/diff-graphs.ts';
import type { EntryRecord } from '../graph/entry-record.ts';
import type { GraphState } from '../graph/graph-state.ts';
import { referencesOf } from '../reference/walk-references.ts';
import type { ComposedEntry } from './compose-entries.ts';

/** An entry of a reply; with its record and position in the request, where it is the request's own. */
export interface Answer {
  readonly entry: ComposedEntry;
  readonly record: EntryRecord | undefined;
  readonly position: number;
}

/**
 * Adds the request's entries that a reply's resources refer to by a `urn:`, under that name, and what these refer to; or names the copy that stands for
 * one already. Beside another resource of its type, which may be meant in its place, none is added: the reference leads nowhere, and the check refuses it.
 */
export function takeAlong(answers: Answer[], names: Map<number, string>, state: GraphState): void {
  // The list is walked while it grows: what is added may refer to more.
  for (const { entry } of answers) {
    for (const { literal = '' } of referencesOf(entry.resource)) {
      const position = urnPosition(literal, state);
      const record = state.records[position];
      if (record === undefined || names.has(position)) {
        continue;
      }
      const others = answers.filter((answer) => answer.record === undefined && answer.entry.resource['resourceType'] === record.type);
      const copy = others.find((other) => other.entry.fullUrl === literal) ?? only(others.filter((other) => isCopy(other.entry.resource, record)));
      if (copy || others.length === 0) names.set(position, copy?.entry.fullUrl ?? literal);
      if (others.length === 0) answers.push({ entry: { fullUrl: literal, resource: record.glimpse }, record, position });
    }
  }
}

/** The position of the one entry of the request, behind its header, whose `fullUrl` is this `urn:`; else -1. */
export function urnPosition(literal: string, { index }: GraphState): number {
  const found = literal.startsWith('urn:') ? index.find('fullUrl', literal) : undefined;
  return typeof found === 'number' && found > 0 ? found : -1;
}

/** Whether a resource is a request's own but for its id and its `meta`, which a server gives. */
function isCopy(resource: JsonObject, { glimpse }: EntryRecord): boolean {
  const { id, meta } = glimpse;
  return patchBetween(present({ ...glimpse, id, meta }), present({ ...resource, id, meta })).length === 0;
}
