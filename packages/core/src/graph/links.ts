import type { Link, UnresolvedReference } from './bundle-graph.ts';
import type { GraphState } from './graph-state.ts';

/** The references of the entry at a position, each with where it leads. */
export function linksAt(state: GraphState, position: number): readonly Link[] {
  const record = state.records[position];
  if (record === undefined) {
    return [];
  }
  const from = state.keyAt(position);
  return Object.freeze(
    record.references.map((site): Link => {
      const located = state.locate(site.literal, site.container, position);
      return Object.freeze({
        from,
        path: site.path,
        reference: site.literal,
        target: located.kind === 'entry' ? state.keyAt(located.position) : undefined,
        kind: located.kind,
        reason: located.reason,
        lenient: located.kind === 'entry' && located.lenient,
      });
    }),
  );
}

/** Links by the key of the entry that they lead to. */
export function groupByTarget(links: Iterable<readonly Link[]>): ReadonlyMap<string, readonly Link[]> {
  const groups = new Map<string, Link[]>();
  for (const linksOfOne of links) {
    for (const link of linksOfOne) {
      if (link.target === undefined) {
        continue;
      }
      const group = groups.get(link.target);
      if (group === undefined) {
        groups.set(link.target, [link]);
      } else {
        group.push(link);
      }
    }
  }
  for (const group of groups.values()) {
    Object.freeze(group);
  }
  return groups;
}

/** The links that lead to nothing in their Bundle. */
export function danglingAmong(links: Iterable<readonly Link[]>): readonly UnresolvedReference[] {
  const dangling: UnresolvedReference[] = [];
  for (const linksOfOne of links) {
    for (const { kind, from, path, reference, reason } of linksOfOne) {
      if (kind !== 'entry' && kind !== 'contained') {
        dangling.push(Object.freeze({ from, path, reference, kind, reason }));
      }
    }
  }
  return Object.freeze(dangling);
}
