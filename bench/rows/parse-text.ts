import { parseGraph } from '@fhir-messaging/core';
import { contestant, countRight } from '../contest.ts';
import type { Row } from '../contest.ts';

/** From the text to a graph whose references are all resolved. */
export const parseText: Row = {
  name: 'graph.parse-text',
  protocol: 'parseGraph of the text, then linksFrom of every entry; JSON.parse is part of it; fresh input, cold graph.',
  bars: { 1000: 1.5, 10000: 1.5 },
  prepare: ({ text, references }) => ({
    answers: references.length,
    ours: contestant(
      () => {
        const graph = parseGraph(text);
        const targets: (string | undefined)[] = [];
        for (const { key } of graph.entries) {
          for (const { target } of graph.linksFrom(key)) {
            targets.push(target);
          }
        }
        return targets;
      },
      (targets) => countRight(targets, (target, position) => target === references[position]?.target),
    ),
    peers: {},
  }),
};
