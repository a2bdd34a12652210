import type { BundleGraph, Resource } from '@fhir-messaging/core';

/** Where an entry stands in the picture. */
export interface PlacedEntry {
  readonly key: string;
  readonly position: number;
  readonly x: number;
  readonly y: number;
}

/** A picture of a graph: its entries in columns, by how far they are from the header. */
export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  readonly placed: ReadonlyMap<string, PlacedEntry>;
}

/** The size of an entry's box and of the space that it stands in, in pixels. */
export const box = { width: 220, height: 46, column: 290, row: 66, margin: 14 } as const;

/** Places the entries: the header on the left, the entries that it refers to in the next column, and so on; unreachable entries last. */
export function layoutGraph(graph: BundleGraph<Resource>): GraphLayout {
  const depths = depthsOf(graph);
  const last = Math.max(0, ...depths.values()) + 1;
  const rows = new Map<number, number>();
  const placed = graph.entries.map(({ key }, position): PlacedEntry => {
    const column = depths.get(key) ?? last;
    const row = rows.get(column) ?? 0;
    rows.set(column, row + 1);
    return { key, position, x: box.margin + column * box.column, y: box.margin + row * box.row };
  });
  const right = Math.max(0, ...placed.map(({ x }) => x));
  const bottom = Math.max(0, ...placed.map(({ y }) => y));
  return { width: right + box.width + box.margin, height: bottom + box.height + box.margin, placed: new Map(placed.map((entry) => [entry.key, entry])) };
}

function depthsOf(graph: BundleGraph<Resource>): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  let keys = graph.entries.slice(0, 1).map(({ key }) => key);
  for (let depth = 0; keys.length > 0; depth += 1) {
    for (const key of keys) depths.set(key, depth);
    const next = keys.flatMap((key) => graph.linksFrom(key).flatMap(({ target }) => (target === undefined || depths.has(target) ? [] : [target])));
    keys = [...new Set(next)];
  }
  return depths;
}
