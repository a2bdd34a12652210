import { requireDepth } from '../../reference/walk-references.ts';
import type { CheckContext } from './check-context.ts';

/**
 * Refuses what is nested deeper than a graph hands out, wherever it stands: in a nested Bundle too, which no reference leads into.
 *
 * @throws {MessagingError} `input.limit`.
 */
export function checkNesting({ state }: CheckContext): void {
  visit(state.envelope, -1);
}

function visit(value: unknown, depth: number): void {
  if (typeof value === 'object' && value !== null) {
    requireDepth(depth);
    for (const item of Object.values(value)) visit(item, depth + 1);
  }
}
