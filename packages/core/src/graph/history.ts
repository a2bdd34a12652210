import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from './bundle-graph.ts';

/** Undo and redo as a value: each step gives another history, and all of them share their graphs. */
export interface GraphHistory<TResource extends Resource> {
  /** The graph as it stands. */
  readonly present: BundleGraph<TResource>;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** The history with an edited graph on top; what was undone before is gone. The same history when the graph is the same. */
  push(graph: BundleGraph<TResource>): GraphHistory<TResource>;
  /** One step back; the same history at its beginning. */
  undo(): GraphHistory<TResource>;
  /** One step forward; the same history at its end. */
  redo(): GraphHistory<TResource>;
}

interface Steps<TResource extends Resource> {
  readonly graph: BundleGraph<TResource>;
  readonly next: Steps<TResource> | undefined;
}

/** Where a history stands. */
interface Place<TResource extends Resource> {
  readonly present: BundleGraph<TResource>;
  readonly past?: Steps<TResource> | undefined;
  readonly future?: Steps<TResource> | undefined;
}

/**
 * A history that begins with a graph.
 *
 * @example
 * const history = historyOf(graph).push(updateEntry(graph, key, recipe));
 * history.undo().present === graph; // true
 */
export function historyOf<TResource extends Resource>(graph: BundleGraph<TResource>): GraphHistory<TResource> {
  return historyAt({ present: graph });
}

// One parameter, not three: Rollup 4.68 would take the last of three for one that is never given, and redo would do nothing (test/pack).
function historyAt<TResource extends Resource>({ present, past, future }: Place<TResource>): GraphHistory<TResource> {
  const history: GraphHistory<TResource> = {
    present,
    canUndo: past !== undefined,
    canRedo: future !== undefined,
    push: (graph) => (graph === present ? history : historyAt({ present: graph, past: { graph: present, next: past } })),
    undo: () => (past ? historyAt({ present: past.graph, past: past.next, future: { graph: present, next: future } }) : history),
    redo: () => (future ? historyAt({ present: future.graph, past: { graph: present, next: past }, future: future.next }) : history),
  };
  return Object.freeze(history);
}
