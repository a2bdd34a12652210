import { requireShallow } from '../../reference/walk-references.ts';
import type { CheckContext } from './check-context.ts';

/**
 * Refuses what is nested deeper than a graph hands out, outside of the resources: those are gone through for their references.
 *
 * @throws {MessagingError} `input.limit`.
 */
export function checkNesting({ state: { envelope, records } }: CheckContext): void {
  for (const name in envelope) {
    if (name !== 'entry') requireShallow(envelope[name], 0);
  }
  for (const { entryGlimpse, holdsResource } of records) {
    for (const name in entryGlimpse) {
      if (name !== 'resource' || !holdsResource) requireShallow(entryGlimpse[name], 1);
    }
  }
}
