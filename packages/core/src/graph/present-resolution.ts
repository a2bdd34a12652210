import { lenientReason } from '../reference/resolve-reference.ts';
import { valueAtPath } from '../reference/value-at-path.ts';
import type { EntryRecord } from './entry-record.ts';
import type { GraphState } from './graph-state.ts';
import type { LocatedInEntry } from './links.ts';

/** What a caller sees of where a reference leads; the resource is read, and copied, when it is asked for. */
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

/** What was found; a getter of a class, since one of each object's own would cost more than all the rest. */
class Found {
  readonly #record: EntryRecord | undefined;
  readonly #path: string | undefined;

  constructor(facts: object, record: EntryRecord | undefined, path?: string) {
    this.#record = record;
    this.#path = path;
    Object.freeze(Object.assign(this, facts));
  }

  get resource(): unknown {
    const resource = this.#record?.resource;
    return this.#path === undefined ? resource : valueAtPath(resource, this.#path);
  }
}
