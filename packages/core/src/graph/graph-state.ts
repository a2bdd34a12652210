import type { JsonObject } from '../fhir/json.ts';
import { locate } from '../reference/resolve-reference.ts';
import type { ResolutionMode } from '../reference/resolve-reference.ts';
import { EntryIndex, isPlace } from './entry-index.ts';
import type { EntryRecord } from './entry-record.ts';
import { Links } from './links.ts';
import type { LinkedEntries, LocatedInEntry } from './links.ts';

/** What a graph is made of: the Bundle's own elements, its entries, and their names. */
export class GraphState implements LinkedEntries {
  /** The Bundle without its entries. */
  readonly envelope: JsonObject;
  readonly records: readonly EntryRecord[];
  readonly index: EntryIndex;
  readonly mode: ResolutionMode;
  readonly links: Links = new Links(this);
  /** The position that was found last. */
  #last = -1;

  constructor(envelope: JsonObject, records: readonly EntryRecord[], mode: ResolutionMode, index: EntryIndex = new EntryIndex(records)) {
    this.envelope = envelope;
    this.records = records;
    this.mode = mode;
    this.index = index;
  }

  /** The resource of the first entry, to look at, where that is a MessageHeader (bdl-12). */
  get header(): JsonObject | undefined {
    const [first] = this.records;
    return first?.type === 'MessageHeader' ? first.glimpse : undefined;
  }

  /** The key of the entry at a position. */
  keyAt(position: number): string {
    return this.index.keys[position] ?? '';
  }

  /** The position of the entry that a key, a `fullUrl` or a `Type/id` names; -1 when there is none, or more than one. */
  positionOf(name: string): number {
    // Who asks for entry after entry asks in their order.
    const { keys } = this.index.tables;
    const isLast = keys?.[this.#last] === name;
    if (!isLast) this.#last = keys?.[this.#last + 1] === name ? this.#last + 1 : this.#lookUp(name);
    return this.#last;
  }

  #lookUp(name: string): number {
    if (isPlace(name)) {
      const position = Number(name.slice(name.indexOf('[') + 1, -1));
      return this.index.keys[position] === name ? position : -1;
    }
    const found = this.index.find('fullUrl', name) ?? this.index.find('ending', name);
    return typeof found === 'number' ? found : -1;
  }

  /** Where a literal that stands in the entry at a position leads; `container` is the path of the resource that holds it. */
  locate(literal: string | undefined, container: string | undefined, position: number, mode: ResolutionMode = this.mode): LocatedInEntry {
    const record = this.records[position];
    const located = locate(literal, record?.restful?.base, mode, this.index);
    if (located.kind !== 'contained') {
      return located;
    }
    const { id } = located;
    const path = container ?? record?.type ?? 'Resource';
    if (id === '' && record?.holdsResource) {
      return { ...located, path };
    }
    const found = record?.containedAt(path, id) ?? [];
    const [at] = found;
    if (at === undefined || found.length > 1) {
      return { kind: 'unresolved', reason: at === undefined ? 'not-contained' : 'several-matches' };
    }
    return { ...located, path: `${path}.contained[${at}]` };
  }
}
