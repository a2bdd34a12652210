import type { Box } from './graph-layout.ts';

/** The line of a reference between two boxes, as an SVG path: across to another column, or around on the right within one. */
export function linkPath(from: Box, to: Box): string {
  const [y1, y2] = [middle(from), middle(to)];
  if (to.x > from.x + from.width) {
    const [x1, x2] = [from.x + from.width, to.x];
    const bend = (x2 - x1) / 2;
    return `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2 - 7} ${y2}`;
  }
  const [x1, x2] = [from.x + from.width, to.x + to.width];
  const bulge = Math.max(x1, x2) + Math.min(46, 14 + Math.abs(y2 - y1) / 12);
  return `M ${x1} ${y1 + 5} C ${bulge} ${y1 + 5}, ${bulge} ${y2 - 5}, ${x2 + 7} ${y2 - 5}`;
}

function middle({ y, height }: Box): number {
  return y + height / 2;
}
