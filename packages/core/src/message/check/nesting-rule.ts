import { isObject } from '../../fhir/json.ts';
import { requireDepth } from '../../reference/walk-references.ts';
import type { CheckContext } from './check-context.ts';

/**
 * Refuses what is nested deeper than a graph hands out, outside of the resources: those are gone through for their references.
 *
 * @throws {MessagingError} `input.limit`.
 */
export function checkNesting({ state: { envelope, records } }: CheckContext): void {
  for (const name in envelope) {
    if (name !== 'entry') visit(envelope[name], 0);
  }
  for (const { entryGlimpse, holdsResource } of records) {
    for (const name in entryGlimpse) {
      if (name !== 'resource' || !holdsResource) visit(entryGlimpse[name], 1);
    }
  }
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
