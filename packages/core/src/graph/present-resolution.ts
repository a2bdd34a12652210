import { lenientReason } from '../reference/resolve-reference.ts';
import { Found } from './found.ts';
import type { GraphState } from './graph-state.ts';
import type { LocatedInEntry } from './links.ts';

/** A resolution as a caller sees it; the resource is read, and copied, when it is asked for. */
export function presentResolution(state: GraphState, located: LocatedInEntry, holder: number): object {
  const { kind, reason } = located;
  switch (kind) {
    case 'entry':
      return new Found({ kind, reason, lenient: reason === lenientReason, key: state.keyAt(located.position) }, state.records[located.position]);
    case 'contained':
      return new Found({ kind, reason, key: state.keyAt(holder), path: located.path }, state.records[holder], located.path);
    case 'ambiguous':
      return Object.freeze({ kind, reason, keys: Object.freeze(located.positions.map((position) => state.keyAt(position))) });
    default:
      return Object.freeze(located);
  }
}
