import { createMessage, graphOf, payloadOf } from '@fhir-messaging/core';
import { contestant, countRight } from '../contest.ts';
import type { Row } from '../contest.ts';
import { event } from '../event.ts';
import { base, source } from '../inputs.ts';

/** A message put together from resources. */
export const create: Row = {
  name: 'message.create',
  protocol:
    'createMessage from a reused payload of plain resources with ids, and the base that they come from: names, links, a frozen copy of everything, and the strict check; nothing is warm.',
  bars: { 1000: 2, 10000: 2 },
  prepare: ({ bundle, references }) => {
    const frozen = payloadOf(event, graphOf(bundle));
    const payload: typeof frozen = JSON.parse(JSON.stringify(frozen));
    return {
      answers: references.length,
      ours: contestant(
        () => createMessage(event, payload, { source, base }),
        ({ graph }) => {
          const [header] = graph.entries;
          const targets = new Map(graph.entries.map(({ key }) => [key, new Set(graph.linksFrom(key).map(({ target }) => target))]));
          return countRight(references, ({ from, target }) => targets.get(from.includes('/MessageHeader/') ? (header?.key ?? '') : from)?.has(target) === true);
        },
      ),
      peers: {},
    };
  },
};
