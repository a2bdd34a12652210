import { itemsOf, member } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import { locate } from '../reference/resolve-reference.ts';
import type { Located, ResolutionMode } from '../reference/resolve-reference.ts';
import { valueAtPath } from '../reference/value-at-path.ts';
import { EntryIndex } from './entry-index.ts';
import type { EntryRecord } from './entry-record.ts';

/** What a graph is made of: the Bundle's own elements, its entries, and their names. */
export class GraphState {
  /** The Bundle without its entries. */
  readonly envelope: JsonObject;
  readonly records: readonly EntryRecord[];
  readonly index: EntryIndex;
  readonly mode: ResolutionMode;

  constructor(envelope: JsonObject, records: readonly EntryRecord[], mode: ResolutionMode, index: EntryIndex = new EntryIndex(records)) {
    this.envelope = envelope;
    this.records = records;
    this.mode = mode;
    this.index = index;
  }

  /** The key of the entry at a position. */
  keyAt(position: number): string {
    const fullUrl = this.records[position]?.fullUrl;
    return fullUrl !== undefined && this.index.positionsOf(fullUrl).length === 1 ? fullUrl : `Bundle.entry[${position}]`;
  }

  /** The position of the entry that a key, a `fullUrl` or a `Type/id` names; -1 when there is none, or more than one. */
  positionOf(name: string): number {
    const numbered = /^Bundle\.entry\[(\d+)\]$/.exec(name);
    if (numbered) {
      const position = Number(numbered[1]);
      return this.keyAt(position) === name && position < this.records.length ? position : -1;
    }
    const exact = this.index.positionsOf(name);
    if (exact.length > 0) {
      return only(exact);
    }
    const [type, id, ...rest] = name.split('/');
    return type === undefined || id === undefined || rest.length > 0 ? -1 : only(this.index.positionsEndingIn(type, id));
  }

  /** Where a literal that stands in the entry at a position leads; `container` is the path of the resource that holds it. */
  locate(literal: string | undefined, container: string | undefined, position: number, mode: ResolutionMode = this.mode): Located {
    const located = locate(literal, this.records[position]?.restful?.base, mode, this.index);
    return located.kind === 'contained' && this.containedPath(container, located.id, position) === undefined
      ? { kind: 'unresolved', reason: 'not-contained' }
      : located;
  }

  /** The path of a contained resource in the entry at a position; `#`, an empty id, is the container. */
  containedPath(container: string | undefined, id: string, position: number): string | undefined {
    const record = this.records[position];
    if (record === undefined) {
      return undefined;
    }
    const path = container ?? record.type ?? 'Resource';
    if (id === '') {
      return path;
    }
    const contained = valueAtPath(record.glimpse, `${path}.contained`);
    const at = itemsOf(contained).findIndex((resource) => member(resource, 'id') === id);
    return at < 0 ? undefined : `${path}.contained[${at}]`;
  }
}

function only(positions: readonly number[]): number {
  return positions.length === 1 ? (positions[0] ?? -1) : -1;
}
