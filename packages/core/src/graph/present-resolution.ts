import type { Located } from '../reference/resolve-reference.ts';
import { valueAtPath } from '../reference/value-at-path.ts';
import type { GraphState } from './graph-state.ts';

/** What a caller sees of where a reference leads; the resource is read, and copied, when it is asked for. */
export function presentResolution(state: GraphState, located: Located, holder: number): object {
  switch (located.kind) {
    case 'entry': {
      const { kind, reason, lenient, position } = located;
      const record = state.records[position];
      return Object.freeze({
        kind,
        reason,
        lenient,
        key: state.keyAt(position),
        get resource() {
          return record?.resource;
        },
      });
    }
    case 'contained': {
      const { kind, reason, id } = located;
      const record = state.records[holder];
      const path = state.containedPath(undefined, id, holder);
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
      return Object.freeze({
        kind: located.kind,
        reason: located.reason,
        keys: Object.freeze(located.positions.map((position) => state.keyAt(position))),
      });
    default:
      return Object.freeze(located);
  }
}
