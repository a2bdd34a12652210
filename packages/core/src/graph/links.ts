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

/** The links of one entry, and beside each the position of its target, -1 where it leads to no entry. */
export interface OwnLinks {
  readonly links: readonly Link[];
  readonly targets: readonly number[];
}

/** No links. */
export const none: OwnLinks = { links: Object.freeze([]), targets: [] };

/** The references of the entry at a position, each with where it leads. */
export function linksOf(entries: LinkedEntries, position: number): OwnLinks {
  const sites = entries.records[position]?.references ?? [];
  if (sites.length === 0) {
    return none;
  }
  const { keys } = entries.index;
  const from = keys[position] ?? '';
  const targets = sites.map(() => -1);
  const links = sites.map(({ path, literal: reference, container }, index): Link => {
    const located = entries.locate(reference, container, position);
    const { kind, reason } = located;
    const at = kind === 'entry' ? located.position : -1;
    targets[index] = at;
    return Object.freeze({ from, path, reference, target: keys[at], kind, reason, lenient: reason === lenientReason });
  });
  return { links: Object.freeze(links), targets };
}

/** The links that lead to nothing in their Bundle. */
export function danglingAmong(links: readonly Link[]): readonly UnresolvedReference[] {
  return Object.freeze(
    links.flatMap(({ kind, from, path, reference, reason }) =>
      kind === 'entry' || kind === 'contained' ? [] : [Object.freeze({ from, path, reference, kind, reason })],
    ),
  );
}
