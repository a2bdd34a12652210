import type { JsonObject } from '../fhir/json.ts';
import { frozenCopy } from './frozen-copy.ts';
import type { GraphState } from './graph-state.ts';

/** The frozen Bundle of a state; its entries are the records' own copies, its members stand where they stood. */
export function handOut(state: GraphState): JsonObject {
  const entry = Object.freeze(state.records.map((record) => record.entry));
  const bundle: Record<string, unknown> = {};
  for (const name of Object.keys(state.envelope)) {
    define(bundle, name, name === 'entry' ? entry : frozenCopy(state.envelope[name]));
  }
  if (entry.length > 0 && !Object.hasOwn(bundle, 'entry')) {
    define(bundle, 'entry', entry);
  }
  return Object.freeze(bundle);
}

/** A plain assignment would call the setter of a member named `__proto__`. */
function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
