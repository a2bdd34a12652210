import type { Link } from './bundle-graph.ts';
import type { GraphState } from './graph-state.ts';

/** The links of a graph, by the key of an entry. */
export interface LinkReader {
  readonly linksFrom: (key: string) => readonly Link[];
  readonly linksTo: (key: string) => readonly Link[];
}

/** The keys that the first entry reaches along the links that the reader gives, each visited once. */
export function closureOf(state: GraphState, { linksFrom, linksTo }: LinkReader): ReadonlySet<string> {
  const reached = new Set<string>(state.records.length > 0 ? [state.keyAt(0)] : []);
  // A Set visits what is added while it is walked, so it is the work list too.
  for (const key of reached) {
    for (const { target } of linksFrom(key)) {
      if (target !== undefined) {
        reached.add(target);
      }
    }
    for (const { from } of linksTo(key)) {
      reached.add(from);
    }
  }
  return frozenSet(reached);
}

/** A Set that refuses to change: `Object.freeze` alone does not reach what it holds. */
function frozenSet<TItem>(set: Set<TItem>): ReadonlySet<TItem> {
  const value = (): never => {
    throw new TypeError('What a graph hands out cannot be changed: copy this Set first.');
  };
  return Object.freeze(Object.defineProperties(set, { add: { value }, delete: { value }, clear: { value } }));
}
