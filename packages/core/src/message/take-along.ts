import type { EntryRecord } from '../graph/entry-record.ts';
import type { GraphState } from '../graph/graph-state.ts';
import { isAbsoluteUri } from '../reference/parse-reference.ts';
import type { ReferenceSite } from '../reference/walk-references.ts';
import type { ComposedEntry } from './compose-entries.ts';

/** An entry of a reply; with its record and position in the request, where it is the request's own. */
export interface Answer {
  readonly entry: ComposedEntry;
  readonly record: EntryRecord | undefined;
  readonly position: number;
  /** Those in its resource. */
  readonly references: readonly ReferenceSite[];
}

/**
 * The request's entries that a reply's resources refer to by a `urn:`, under that name, and those that these refer to. Where a handler's resource
 * refers to an entry and the reply has another one of its type, which may be meant in its place, the entry does not go along: the reference leads
 * nowhere, and the check refuses it. The request's own resources mean what they meant.
 */
export function takenAlong(answers: readonly Answer[], names: ReadonlyMap<number, string>, state: GraphState): readonly Answer[] {
  const handlers = answers.filter(({ record }) => record === undefined);
  const given = new Set(handlers.map(({ entry }) => entry.resource['resourceType']));
  const positions = handlers.flatMap(({ references }) => references.map(({ literal = '' }) => urnPosition(literal, state)));
  const unclear = new Set(positions.filter((position) => given.has(state.records[position]?.type)));
  const along = new Map<number, Answer>();
  // The list is walked while it grows: what goes along may refer to more.
  const all = [...answers];
  for (const { references } of all) {
    for (const { literal = '' } of references) {
      const position = urnPosition(literal, state);
      const record = state.records[position];
      if (record && !names.has(position) && !along.has(position) && !unclear.has(position)) {
        const answer = { entry: { fullUrl: literal, resource: record.glimpse }, record, position, references: record.references };
        along.set(position, answer);
        all.push(answer);
      }
    }
  }
  return [...along.values()];
}

/** The position of the one entry of the request, behind its header, whose `fullUrl` is this `urn:`; else -1. */
export function urnPosition(literal: string, { index }: GraphState): number {
  const found = isUrn(literal) ? index.find('fullUrl', literal) : undefined;
  return typeof found === 'number' && found > 0 ? found : -1;
}

/** Whether a text is a `urn:` that a `fullUrl` may be. */
export function isUrn(text: string): boolean {
  return text.startsWith('urn:') && isAbsoluteUri(text);
}
