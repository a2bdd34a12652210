import type { JsonObject } from '../fhir/json.ts';
import { frozenCopy } from './frozen-copy.ts';
import type { GraphState } from './graph-state.ts';

/** The frozen Bundle of a state; its entries are the records' own copies, its members stand where they stood. */
export function handOut({ envelope, records }: GraphState): JsonObject {
  const entry = Object.freeze(records.map((record) => record.entry));
  const hasEntry = entry.length > 0 || Object.hasOwn(envelope, 'entry');
  // Each member counts its own levels, so the Bundle itself counts none.
  const copy = frozenCopy({ ...envelope, entry: hasEntry ? null : undefined }, -1);
  return hasEntry ? Object.freeze({ ...copy, entry }) : copy;
}
