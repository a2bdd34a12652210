const origins = /* @__PURE__ */ new WeakMap<object, object>();

/** Remembers which graph another is made of: under other names, or as a message. */
export function madeOf<TGraph extends object>(graph: TGraph, origin: object): TGraph {
  origins.set(graph, origin);
  return graph;
}

/** Whether a graph is one of these, or made of one; what was written and read again is made of none. */
export function isMadeOf(graph: object | undefined, these: WeakSet<object>): boolean {
  return graph !== undefined && (these.has(graph) || isMadeOf(origins.get(graph), these));
}
