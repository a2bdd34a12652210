import type { JsonObject } from '../fhir/json.ts';
import { locate } from '../reference/resolve-reference.ts';
import type { Located, ResolutionMode } from '../reference/resolve-reference.ts';
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
    const names = fullUrl !== undefined && !fullUrl.startsWith('Bundle.entry[') && this.index.positions('fullUrl', fullUrl).length === 1;
    return names ? fullUrl : `Bundle.entry[${position}]`;
  }

  /** The position of the entry that a key, a `fullUrl` or a `Type/id` names; -1 when there is none, or more than one. */
  positionOf(name: string): number {
    const numbered = /^Bundle\.entry\[(\d+)\]$/.exec(name);
    if (numbered) {
      const position = Number(numbered[1]);
      return this.keyAt(position) === name && position < this.records.length ? position : -1;
    }
    const exact = this.index.positions('fullUrl', name);
    if (exact.length > 0) {
      return only(exact);
    }
    return only(this.index.positions('ending', name));
  }

  /** Where a literal that stands in the entry at a position leads; `container` is the path of the resource that holds it. */
  locate(literal: string | undefined, container: string | undefined, position: number, mode: ResolutionMode = this.mode): Located {
    const located = locate(literal, this.records[position]?.restful?.base, mode, this.index);
    if (located.kind !== 'contained') {
      return located;
    }
    const at = this.#contained(container, located.id, position);
    return at === undefined ? { kind: 'unresolved', reason: 'not-contained' } : at < 0 ? { kind: 'unresolved', reason: 'several-matches' } : located;
  }

  /** The path of a contained resource that `locate` found in the entry at a position; `#`, an empty id, is the container. */
  containedPath(container: string | undefined, id: string, position: number): string {
    const path = this.#containerPath(container, position);
    return id === '' ? path : `${path}.contained[${this.#contained(container, id, position) ?? 0}]`;
  }

  /** Where among the contained resources one stands: `undefined` when there is none, -1 when there are several. */
  #contained(container: string | undefined, id: string, position: number): number | undefined {
    const record = this.records[position];
    if (record === undefined || !record.holdsResource) {
      return undefined;
    }
    return id === '' ? 0 : record.containedAt(this.#containerPath(container, position)).get(id);
  }

  #containerPath(container: string | undefined, position: number): string {
    return container ?? this.records[position]?.type ?? 'Resource';
  }
}

function only(positions: readonly number[]): number {
  return positions.length === 1 ? (positions[0] ?? -1) : -1;
}
