import { groupBy } from '../fhir/groups.ts';
import type { JsonObject } from '../fhir/json.ts';
import { locate, unresolved } from '../reference/resolve-reference.ts';
import type { ResolutionMode } from '../reference/resolve-reference.ts';
import { pathStart } from '../reference/walk-references.ts';
import { EntryIndex, isPlace, place } from './entry-index.ts';
import type { EntryRecord } from './entry-record.ts';
import { linksOf, none } from './links.ts';
import type { LinkedEntries, LocatedInEntry } from './links.ts';
import type { Link } from './bundle-graph.ts';

/** The state of a graph: the Bundle's own elements, its entries, and their names. */
export class GraphState implements LinkedEntries {
  /** The Bundle without its entries. */
  readonly envelope: JsonObject;
  readonly records: readonly EntryRecord[];
  readonly index: EntryIndex;
  readonly mode: ResolutionMode;
  readonly #located: (readonly LocatedInEntry[])[] = [];
  readonly #links: (readonly Link[])[] = [];
  #linksTo: ReadonlyMap<string, readonly Link[]> | undefined;
  /** The position after the one found last. Callers that go through all entries ask in order, and are answered without a table. */
  #next = 0;

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
    const next = this.#next;
    if (this.index.tables.keys?.[next] === name) {
      this.#next = (next + 1) % this.records.length;
      return next;
    }
    if (isPlace(name)) {
      const position = Number(name.slice(place.length, -1));
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
    const path = container ?? pathStart(record?.glimpse);
    if (located.id === '' && record?.holdsResource) {
      return { ...located, path };
    }
    const [at, another] = record?.containedAt(path, located.id) ?? [];
    if (at === undefined) {
      return unresolved('not-contained');
    }
    return another === undefined ? { ...located, path: `${path}.contained[${at}]` } : { kind: 'ambiguous', reason: 'several-matches', positions: [position] };
  }

  /** Where each reference of the entry at a position leads; cheaper than the links that are handed out. */
  locatedFrom(position: number): readonly LocatedInEntry[] {
    return (this.#located[position] ??= this.records[position]?.references.map(({ literal, container }) => this.locate(literal, container, position)) ?? []);
  }

  /** The links of the entry at a position, found when they are first asked for. */
  linksFrom(position: number): readonly Link[] {
    return (this.#links[position] ??= linksOf(this, position));
  }

  /** The links that lead to the entry at a position, in the order of the entries that hold them. */
  linksTo(position: number): readonly Link[] {
    this.#linksTo ??= groupBy(this.allLinks(), ({ target }) => target);
    return Object.freeze(this.#linksTo.get(this.keyAt(position)) ?? none);
  }

  /** The positions that the first entry reaches along links; with `reverse`, also against links that lead to a reached entry. */
  reached(reverse: boolean): ReadonlySet<number> {
    const reached = new Set(this.records.slice(0, 1).keys());
    // A Set visits what is added while it is walked, so it is the work list too.
    for (const at of reached) {
      for (const located of this.locatedFrom(at)) {
        if (located.kind === 'entry') reached.add(located.position);
      }
      for (const { from } of reverse ? this.linksTo(at) : none) reached.add(this.positionOf(from));
    }
    return reached;
  }

  /** Every link, in the order of the entries that hold them. */
  allLinks(): readonly Link[] {
    return this.records.flatMap((_, position) => this.linksFrom(position));
  }
}
