import { patchBetween } from '../graph/diff-graphs.ts';
import { frozenCopy } from '../graph/frozen-copy.ts';
import { isGraph, stateOf } from '../graph/graph-value.ts';

/**
 * What a message is made of, kept so that its owner's later changes do not reach it. Of a graph that is its entries: a new message has a
 * header and an envelope of its own.
 *
 * @throws {MessagingError} `input.limit` when it is nested more than 200 levels deep.
 */
export function keepContent(content: object): object {
  if (!isGraph(content)) {
    return frozenCopy(content);
  }
  const { records, header } = stateOf(content);
  return records.slice(header ? 1 : 0).map(({ entry }) => entry);
}

/** Whether two contents, as they were kept, say the same: as JSON, whatever the order of their members. A payload and a graph never do. */
export function isSameContent(before: object, after: object): boolean {
  return patchBetween(before, after).length === 0;
}
