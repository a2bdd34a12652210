import { MessagingError } from '../errors.ts';
import { isAbsoluteUri, namesVersion } from '../reference/parse-reference.ts';
import type { EntryRecord } from './entry-record.ts';
import { GraphState } from './graph-state.ts';

/** The position of the entry that an edit names. @throws {MessagingError} `entry.unknown`. */
export function positionToEdit(state: GraphState, name: string): number {
  const position = state.positionOf(name);
  if (position < 0) {
    throw new MessagingError('entry.unknown', `The graph has no single entry that goes by "${name}".`);
  }
  return position;
}

/** Refuses a `fullUrl` that no entry may have, or that another entry has. */
export function requireFreeFullUrl(state: GraphState, fullUrl: string): void {
  if (!isAbsoluteUri(fullUrl) || namesVersion(fullUrl)) {
    throw new MessagingError('entry.invalid', `"${fullUrl}" cannot be a fullUrl: it has to be an absolute URI without a version (bdl-8).`);
  }
  if (state.index.positionsOf(fullUrl).length > 0) {
    throw new MessagingError('entry.duplicate', `Another entry has the fullUrl "${fullUrl}" (bdl-7).`);
  }
}

/** The state with other entries under the same Bundle. */
export function withRecords(state: GraphState, records: readonly EntryRecord[]): GraphState {
  return new GraphState(state.envelope, records, state.mode);
}
