import { MessagingError } from '../../errors.ts';
import { isObject } from '../../fhir/json.ts';
import { maxDepth } from '../../reference/walk-references.ts';
import type { CheckContext } from './check-context.ts';

/**
 * Refuses what is nested deeper than a graph hands out, wherever it stands: in a nested Bundle too, which no reference leads into.
 *
 * @throws {MessagingError} `input.limit`.
 */
export function checkNesting({ bundle }: CheckContext): void {
  requireDepth(bundle, -1);
}

function requireDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  if (depth > maxDepth) {
    throw new MessagingError('input.limit', `Something in it is nested more than ${maxDepth} levels deep.`);
  }
  if (Array.isArray(value)) {
    for (const item of value) requireDepth(item, depth + 1);
  } else if (isObject(value)) {
    for (const name in value) requireDepth(value[name], depth + 1);
  }
}
