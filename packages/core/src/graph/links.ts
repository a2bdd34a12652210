import { lenientReason } from '../reference/resolve-reference.ts';
import type { Link, UnresolvedReference } from './bundle-graph.ts';
import type { GraphState } from './graph-state.ts';

/** The references of the entry at a position, each with where it leads. */
export function linksAt(state: GraphState, position: number): readonly Link[] {
  const from = state.keyAt(position);
  const links = state.records[position]?.references.map(({ path, literal, container }): Link => {
    const located = state.locate(literal, container, position);
    const { kind, reason } = located;
    const target = located.kind === 'entry' ? state.keyAt(located.position) : undefined;
    return Object.freeze({ from, path, reference: literal, target, kind, reason, lenient: reason === lenientReason });
  });
  return Object.freeze(links ?? []);
}

/** The links that lead to nothing in their Bundle. */
export function danglingAmong(links: readonly Link[]): readonly UnresolvedReference[] {
  return Object.freeze(
    links.flatMap(({ kind, from, path, reference, reason }) =>
      kind === 'entry' || kind === 'contained' ? [] : [Object.freeze({ from, path, reference, kind, reason })],
    ),
  );
}
