import type { BundleGraph } from '@fhir-messaging/core';
import type { Resource } from '@medplum/fhirtypes';

/** Some entries in the order in which they can be created: each level refers to those before it. `undefined` where they refer to each other in a circle. */
export function levelsOf(graph: BundleGraph<Resource>, keys: readonly string[]): readonly (readonly string[])[] | undefined {
  const levels: (readonly string[])[] = [];
  let waiting = keys;
  while (waiting.length > 0) {
    const ready = waiting.filter((key) => graph.linksFrom(key).every(({ target }) => target === key || !waiting.includes(target ?? '')));
    if (ready.length === 0) {
      return undefined;
    }
    levels.push(ready);
    waiting = waiting.filter((key) => !ready.includes(key));
  }
  return levels;
}
