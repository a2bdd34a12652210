import { isObject } from '../../fhir/json.ts';
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
  if (Array.isArray(value)) {
    requireDepth(depth);
    for (let index = 0; index < value.length; index += 1) visit(value[index], depth + 1);
  } else if (isObject(value)) {
    requireDepth(depth);
    for (const name in value) visit(value[name], depth + 1);
  }
}
