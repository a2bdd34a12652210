import { graphOf } from '@fhir-messaging/core';
import { contestant, countRight } from '../contest.ts';
import type { Row } from '../contest.ts';
import type { KnownReference } from '../inputs.ts';

/** Who refers to each entry. */
export const reverseLinks: Row = {
  name: 'graph.reverse-links',
  protocol: 'graphOf over a reused input, then linksTo of every entry: all references found and resolved on the way; cold graph.',
  bars: { 1000: 0.5, 10000: 0.5 },
  prepare: ({ bundle, references }) => {
    const referrers = new Map<string, KnownReference[]>();
    for (const reference of references) {
      referrers.set(reference.target, [...(referrers.get(reference.target) ?? []), reference]);
    }
    return {
      answers: bundle.entry?.length ?? 0,
      ours: contestant(
        () => {
          const graph = graphOf(bundle);
          return graph.entries.map(({ key }) => ({ key, links: graph.linksTo(key) }));
        },
        (found) =>
          countRight(found, ({ key, links }) => {
            const known = referrers.get(key) ?? [];
            return links.length === known.length && links.every(({ from, target }, at) => target === key && from === known[at]?.from);
          }),
      ),
      peers: {},
    };
  },
};
