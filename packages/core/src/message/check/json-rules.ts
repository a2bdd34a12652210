import { isObject } from '../../fhir/json.ts';
import { requireDepth } from '../../reference/walk-references.ts';
import { entryPath } from './check-context.ts';
import type { CheckContext } from './check-context.ts';

/**
 * The message can be written as JSON: its numbers are finite, and nothing is nested deeper than a graph hands out. The first stray number in each
 * member of the Bundle and of its entries is reported. Lenient mode skips the resources: the graph has counted their depth.
 *
 * @throws {MessagingError} `input.limit`.
 */
export function checkJson({ state: { envelope, records }, mode, report }: CheckContext): void {
  const check = (value: unknown, depth: number, at: string): void => {
    const path = pathToStrayNumber(value, depth);
    if (path !== undefined) report('json.number', at + path);
  };
  for (const name in envelope) {
    if (name !== 'entry') check(envelope[name], 0, `Bundle.${name}`);
  }
  records.forEach(({ entryGlimpse }, position) => {
    for (const name in entryGlimpse) {
      if (name !== 'resource' || mode === 'strict') check(entryGlimpse[name], 1, entryPath(position, name));
    }
  });
}

/** The path from a value to the first number in it that JSON cannot hold. */
function pathToStrayNumber(value: unknown, depth: number): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return Number.isFinite(value) ? undefined : '';
  }
  let found: string | undefined;
  if (Array.isArray(value)) {
    requireDepth(depth);
    for (let index = 0; index < value.length; index += 1) {
      const path = pathToStrayNumber(value[index], depth + 1);
      if (path !== undefined) found ??= `[${index}]${path}`;
    }
  } else if (isObject(value)) {
    requireDepth(depth);
    for (const name in value) {
      const path = pathToStrayNumber(value[name], depth + 1);
      if (path !== undefined) found ??= `.${name}${path}`;
    }
  }
  return found;
}
