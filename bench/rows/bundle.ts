import { isDeepStrictEqual } from 'node:util';
import { graphOf } from '@fhir-messaging/core';
import { contestant, countRight } from '../contest.ts';
import type { Row } from '../contest.ts';

/** Everything handed out: a frozen copy of the whole Bundle. */
export const bundle: Row = {
  name: 'graph.bundle',
  protocol: 'graphOf over a reused input, then graph.bundle: a frozen copy of everything; cold graph. structuredClone gives the copy, not frozen.',
  bars: { 1000: 1, 10000: 1 },
  prepare: (input) => {
    const entries = input.bundle.entry ?? [];
    const countEqual = (copy: { entry?: readonly unknown[] | undefined }): number =>
      countRight(copy.entry ?? [], (entry, position) => entry !== entries[position] && isDeepStrictEqual(entry, entries[position]));
    return {
      answers: entries.length,
      ours: contestant(() => graphOf(input.bundle).bundle, countEqual),
      peers: { structuredClone: contestant(() => structuredClone(input.bundle), countEqual) },
    };
  },
};
