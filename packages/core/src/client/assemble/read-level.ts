import { groupBy } from '../../fhir/groups.ts';
import { itemsOf, member, objectIn, objectsIn, textIn } from '../../fhir/json.ts';
import { idIn } from '../../reference/parse-reference.ts';
import { bounded, inParts } from './bounded.ts';
import { LevelReading } from './level-reading.ts';
import type { Answer, Ask, Requesting } from './level-reading.ts';
import { failureByStatus, isOfOneResource } from './read-failure.ts';
import { hasNextPage } from './referrers.ts';

/** Entries in one batch: servers that state a limit take this many. */
const mostInBatch = 500;
/** Ids in one search. An id has at most 64 characters, so the URL stays within what servers take. */
const mostInSearch = 50;

/** Asks each server for its part of a level; every ask is answered, once. */
export async function readLevel(asks: readonly Ask[], requesting: Requesting, answer: (ask: Ask, answer: Answer) => void): Promise<void> {
  for (const [server, own] of groupBy(asks, (ask) => ask.server)) {
    const level = new LevelReading(server, own, requesting, answer);
    await inBatches(level);
    await bySearches(level);
    await oneByOne(level);
  }
}

/** Reads by batches, where the server takes them. */
async function inBatches(level: LevelReading): Promise<void> {
  const { open, server, requesting } = level;
  const { reader } = server;
  if (!reader.batch || server.refused.has('batch') || (open.length < 2 && !open.some(({ target }) => !target && !reader.search))) {
    return;
  }
  await bounded(inParts(open, mostInBatch), requesting.concurrency, async (part) => {
    const entry = part.map(({ url }) => ({ request: { method: 'GET' as const, url } }));
    const answer = await level.request((options) => reader.batch?.({ resourceType: 'Bundle', type: 'batch', entry }, options));
    const answers = 'resource' in answer ? itemsOf(answer.resource['entry']) : [];
    if (answers.length !== part.length) {
      // Only the order tells which answer belongs to which ask: with a wrong number of answers none can be told.
      server.refused.add('batch');
      return;
    }
    part.forEach((ask, position) => {
      const status = Number.parseInt(textIn(member(answers[position], 'response'), 'status') ?? '', 10);
      const resource = objectIn(answers[position], 'resource');
      if (status >= 200 && status < 300) {
        if (resource) level.settle(ask, { resource });
      } else if (isOfOneResource(failureByStatus(status))) {
        level.settle(ask, { failure: failureByStatus(status) });
      }
    });
  });
}

/** Reads what is still open by searches for `_id`, where the server takes them; where a server gives shorter pages, it is asked again for the rest. */
async function bySearches(level: LevelReading): Promise<void> {
  const { reader } = level.server;
  if (!reader.search) {
    return;
  }
  const groups = groupBy(level.open, ({ target }) => (target?.version === undefined ? target?.type : undefined));
  const parts = [...groups].flatMap(([type, asks]) => (asks.length < 2 || level.server.refused.has(type) ? [] : inParts(asks, mostInSearch).map((part) => [type, part] as const)));
  await bounded(parts, level.requesting.concurrency, async ([type, part]) => {
    const byId = new Map(part.map((ask) => [idIn(ask.target?.name ?? ''), ask]));
    let hasMore = true;
    while (hasMore && byId.size > 0) {
      const before = byId.size;
      const answer = await level.request((options) => reader.search?.(`${type}?_id=${[...byId.keys()].join(',')}&_count=${before}`, options));
      if ('failure' in answer) {
        level.server.refused.add(type);
        return;
      }
      for (const entry of objectsIn(answer.resource['entry'])) {
        const resource = objectIn(entry, 'resource');
        const id = resource?.['resourceType'] === type ? (textIn(resource, 'id') ?? '') : '';
        const ask = byId.get(id);
        if (resource && ask) level.settle(ask, { resource });
        byId.delete(id);
      }
      hasMore = hasNextPage(answer.resource) && byId.size < before;
    }
  });
}

/** Reads what is still open one by one, which also tells why a search left a resource out. */
async function oneByOne(level: LevelReading): Promise<void> {
  const { reader } = level.server;
  await bounded(level.open, level.requesting.concurrency, async (ask) => {
    const how = ask.target ? 'read' : 'search';
    const answer: Answer = reader[how] ? await level.request((options) => reader[how]?.(ask.url, options)) : { failure: 'not-supported' };
    level.settle(ask, answer);
  });
}
