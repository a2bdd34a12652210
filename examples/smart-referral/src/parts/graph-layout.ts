import type { BundleGraph } from '@fhir-messaging/core';

/** An entry's box in the picture. */
export interface Box {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where everything stands. */
interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
}

/** Columns for a wide screen: the envelope on the left, what it refers to in the next one, and so on. */
export function layoutInColumns(graph: BundleGraph): Layout {
  const [column, row, width, height] = [278, 58, 208, 46];
  const rows = new Map<number, number>();
  const boxes = inReadingOrder(graph).map(({ key, depth }): Box => {
    const above = rows.get(depth) ?? 0;
    rows.set(depth, above + 1);
    return { key, x: 2 + depth * column, y: 2 + above * row, width, height };
  });
  return enclosing(boxes, 2);
}

/** One column for a narrow screen: further in is further from the envelope; the room on the right is for the references. */
export function layoutInOneColumn(graph: BundleGraph): Layout {
  const [row, indent, right, height] = [54, 14, 292, 46];
  const boxes = inReadingOrder(graph).map(({ key, depth }, position): Box => {
    const x = 2 + depth * indent;
    return { key, x, y: 2 + position * row, width: right - x, height };
  });
  return enclosing(boxes, 52);
}

/** Each entry after the one that leads to it first, with its distance from the envelope; what nothing leads to comes last. */
function inReadingOrder(graph: BundleGraph): readonly { readonly key: string; readonly depth: number }[] {
  const depths = new Map<string, number>();
  let level = graph.entries.slice(0, 1).map(({ key }) => key);
  for (let depth = 0; level.length > 0; depth += 1) {
    for (const key of level) depths.set(key, depth);
    level = [...new Set(level.flatMap((key) => graph.linksFrom(key).flatMap(({ target }) => (target === undefined || depths.has(target) ? [] : [target]))))];
  }
  const rest = graph.entries.filter(({ key }) => !depths.has(key)).map(({ key }) => ({ key, depth: 1 }));
  return [...[...depths].map(([key, depth]) => ({ key, depth })), ...rest];
}

function enclosing(boxes: readonly Box[], margin: number): Layout {
  const right = Math.max(0, ...boxes.map(({ x, width }) => x + width));
  const bottom = Math.max(0, ...boxes.map(({ y, height }) => y + height));
  return { width: right + margin, height: bottom + 2, boxes: new Map(boxes.map((box) => [box.key, box])) };
}
