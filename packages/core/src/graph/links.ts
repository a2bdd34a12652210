import { lenientReason } from '../reference/resolve-reference.ts';
import type { Located, ResolutionReason } from '../reference/resolve-reference.ts';
import type { Link, UnresolvedReference } from './bundle-graph.ts';
import type { EntryRecord } from './entry-record.ts';

/** Where a reference in an entry leads; a contained resource by its path in that entry's resource. */
export type LocatedInEntry =
  | Exclude<Located, { kind: 'contained' }>
  | { readonly kind: 'contained'; readonly reason: ResolutionReason; readonly path: string };

/** The entries that links lie between. */
export interface LinkedEntries {
  readonly records: readonly EntryRecord[];
  readonly index: { readonly keys: readonly string[] };
  locate(literal: string | undefined, container: string | undefined, position: number): LocatedInEntry;
}

/** No links. */
export const none: readonly Link[] = Object.freeze([]);

/** The references of the entry at a position, each with where it leads. */
export function linksOf(entries: LinkedEntries, position: number): readonly Link[] {
  const sites = entries.records[position]?.references ?? [];
  if (sites.length === 0) {
    return none;
  }
  const { keys } = entries.index;
  const from = keys[position] ?? '';
  const links = sites.map(({ path, literal: reference, container }): Link => {
    const located = entries.locate(reference, container, position);
    const { kind, reason } = located;
    return Object.freeze({ from, path, reference, target: kind === 'entry' ? keys[located.position] : undefined, kind, reason, lenient: reason === lenientReason });
  });
  return Object.freeze(links);
}

/** The links that lead to nothing in their Bundle. */
export function danglingAmong(links: readonly Link[]): readonly UnresolvedReference[] {
  return Object.freeze(
    links.flatMap(({ kind, from, path, reference, reason }) =>
      kind === 'entry' || kind === 'contained' ? [] : [Object.freeze({ from, path, reference, kind, reason })],
    ),
  );
}
