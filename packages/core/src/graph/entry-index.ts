import type { EntryLookup, EntryNaming } from '../reference/resolve-reference.ts';
import type { EntryRecord } from './entry-record.ts';

const none: readonly number[] = Object.freeze([]);

/** Finds entries by name. Each table is made when it is first asked, in one pass over the entries. */
export class EntryIndex implements EntryLookup {
  readonly #records: readonly EntryRecord[];
  readonly #tables: Tables;
  /** Positions by version, for each list of positions that was asked about: several versions of one resource. */
  readonly #versions = new Map<readonly number[], Table>();

  constructor(records: readonly EntryRecord[], tables: Tables = {}) {
    this.#records = records;
    this.#tables = tables;
  }

  /** The index of a graph in which the entry at a position was replaced by one with the same `fullUrl` and type. */
  withReplaced(records: readonly EntryRecord[], before: EntryRecord, after: EntryRecord): EntryIndex {
    const { fullUrl, ending } = this.#tables;
    return new EntryIndex(records, before.id === after.id ? this.#tables : { fullUrl, ending });
  }

  positions(by: EntryNaming, name: string): readonly number[] {
    const table = (this.#tables[by] ??= tabulate(this.#records.keys(), (position) => {
      const record = this.#records[position];
      return record && nameOf[by](record);
    }));
    return table.get(name) ?? none;
  }

  positionsOfVersion(positions: readonly number[], version: string): readonly number[] {
    let table = this.#versions.get(positions);
    if (table === undefined) {
      table = tabulate(positions, (position) => this.#records[position]?.versionId);
      this.#versions.set(positions, table);
    }
    return table.get(version) ?? none;
  }

  holdsResource(position: number): boolean {
    return this.#records[position]?.holdsResource === true;
  }
}

type Table = ReadonlyMap<string, readonly number[]>;

type Tables = { [by in EntryNaming]?: Table | undefined };

const nameOf: Readonly<Record<EntryNaming, (record: EntryRecord) => string | undefined>> = {
  fullUrl: ({ fullUrl }) => fullUrl,
  ending: ({ restful, type }) => (restful && restful.type === type ? `${type}/${restful.id}` : undefined),
  id: ({ restful, type, id }) => (restful || type === undefined || id === undefined ? undefined : `${type}/${id}`),
  either: (record) => nameOf.ending(record) ?? nameOf.id(record),
};

function tabulate(positions: Iterable<number>, nameAt: (position: number) => string | undefined): Table {
  const table = new Map<string, number[]>();
  for (const position of positions) {
    const name = nameAt(position);
    const known = name === undefined ? undefined : table.get(name);
    if (known !== undefined) {
      known.push(position);
    } else if (name !== undefined) {
      table.set(name, [position]);
    }
  }
  return table;
}
