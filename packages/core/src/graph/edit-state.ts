import { MessagingError } from '../errors.ts';
import { isAbsoluteUri, namesVersion, parseRestfulUrl, typeIn } from '../reference/parse-reference.ts';
import type { JsonObject } from '../fhir/json.ts';
import { EntryRecord } from './entry-record.ts';
import { frozenLike } from './frozen-like.ts';
import { GraphState } from './graph-state.ts';

/** The position of the entry that an edit names. @throws {MessagingError} `entry.unknown`. */
export function positionToEdit(state: GraphState, name: string): number {
  const position = state.positionOf(name);
  if (position < 0) {
    const found = [state.index.find('fullUrl', name), state.index.find('ending', name)].some((positions) => positions !== undefined);
    const says = found ? 'More than one entry goes by that name: use the key of one.' : 'No entry goes by that name: `Type/id` is how a fullUrl ends, not what a resource has as its id.';
    throw new MessagingError('entry.unknown', says);
  }
  return position;
}

/** Refuses a `fullUrl` that no entry of a type may have, or that another entry has. */
export function requireFreeFullUrl(state: GraphState, fullUrl: string, type: string | undefined): void {
  if (!isAbsoluteUri(fullUrl) || namesVersion(fullUrl)) {
    throw new MessagingError('entry.invalid', 'A fullUrl has to be an absolute URI without a version (bdl-8).');
  }
  const restful = parseRestfulUrl(fullUrl);
  if (restful !== undefined && typeIn(restful.name) !== type) {
    throw new MessagingError('entry.invalid', `A ${type ?? 'resource without a type'} cannot have the fullUrl of a ${typeIn(restful.name)}.`);
  }
  if (state.index.find('fullUrl', fullUrl) !== undefined) {
    throw duplicateFullUrl(fullUrl);
  }
}

/** The error about a `fullUrl` that is taken. */
export function duplicateFullUrl(fullUrl: string): MessagingError {
  return new MessagingError('entry.duplicate', `Another entry has the fullUrl "${fullUrl}": an edit gives no second version of it, which bdl-7 would allow.`);
}

/** An entry as an edit leaves it; parts that it shares with the one before stay the same objects. */
export function editedRecord(before: EntryRecord, entry: JsonObject): EntryRecord {
  return new EntryRecord(frozenLike(entry, before.entry), true);
}

/** The state with other entries under the same Bundle. */
export function withRecords(state: GraphState, records: readonly EntryRecord[]): GraphState {
  return new GraphState(state.envelope, records, state.mode);
}
