import { lenientReason } from '../reference/resolve-reference.ts';
import { valueAtPath } from '../reference/value-at-path.ts';
import type { GraphState, LocatedInEntry } from './graph-state.ts';

/** What a caller sees of where a reference leads; the resource is read, and copied, when it is asked for. */
export function presentResolution(state: GraphState, located: LocatedInEntry, holder: number): object {
  const { kind, reason } = located;
  switch (kind) {
    case 'entry': {
      const record = state.records[located.position];
      return Object.freeze({
        kind,
        reason,
        lenient: reason === lenientReason,
        key: state.keyAt(located.position),
        get resource() {
          return record?.resource;
        },
      });
    }
    case 'contained': {
      const record = state.records[holder];
      const { path } = located;
      return Object.freeze({
        kind,
        reason,
        key: state.keyAt(holder),
        path,
        get resource() {
          return valueAtPath(record?.resource, path);
        },
      });
    }
    case 'ambiguous':
      return Object.freeze({ kind, reason, keys: Object.freeze(located.positions.map((position) => state.keyAt(position))) });
    default:
      return Object.freeze(located);
  }
}
