import type { EntryLookup } from '../reference/resolve-reference.ts';
import type { EntryRecord } from './entry-record.ts';

const none: readonly number[] = Object.freeze([]);

/** Finds entries by name. Each table is made when it is first asked, in one pass over the entries. */
export class EntryIndex implements EntryLookup {
  readonly #records: readonly EntryRecord[];
  readonly #tables: NameTables;
  /** Positions by version, for each list of positions that was asked about: several versions of one resource. */
  readonly #versions = new Map<readonly number[], Table>();

  constructor(records: readonly EntryRecord[], tables: NameTables = {}) {
    this.#records = records;
    this.#tables = tables;
  }

  /** The index of a graph in which the entry at a position was replaced by one with the same `fullUrl` and type. */
  withReplaced(records: readonly EntryRecord[], before: EntryRecord, after: EntryRecord): EntryIndex {
    return new EntryIndex(records, before.id === after.id ? this.#tables : { ...this.#tables, byId: undefined, byName: undefined });
  }

  positionsOf(fullUrl: string): readonly number[] {
    this.#tables.byFullUrl ??= tabulate(this.#records, (record) => record.fullUrl);
    return found(this.#tables.byFullUrl, fullUrl);
  }

  positionsEndingIn(type: string, id: string): readonly number[] {
    this.#tables.byEnding ??= tabulate(this.#records, endingOf);
    return found(this.#tables.byEnding, `${type}/${id}`);
  }

  positionsWithId(type: string, id: string): readonly number[] {
    this.#tables.byId ??= tabulate(this.#records, idOf);
    return found(this.#tables.byId, `${type}/${id}`);
  }

  positionsNamed(type: string, id: string): readonly number[] {
    this.#tables.byName ??= tabulate(this.#records, (record) => endingOf(record) ?? idOf(record));
    return found(this.#tables.byName, `${type}/${id}`);
  }

  positionsOfVersion(positions: readonly number[], version: string): readonly number[] {
    if (positions.length === 1) {
      return positions.filter((position) => this.#records[position]?.versionId === version);
    }
    let byVersion = this.#versions.get(positions);
    if (byVersion === undefined) {
      byVersion = new Map();
      for (const position of positions) {
        add(byVersion, this.#records[position]?.versionId, position);
      }
      this.#versions.set(positions, byVersion);
    }
    return found(byVersion, version);
  }

  holdsResource(position: number): boolean {
    return this.#records[position]?.holdsResource === true;
  }
}

interface NameTables {
  byFullUrl?: Table | undefined;
  byEnding?: Table | undefined;
  byId?: Table | undefined;
  byName?: Table | undefined;
}

/** One position as a number, several as a list: nearly every name has one. */
type Table = Map<string, number | number[]>;

function tabulate(records: readonly EntryRecord[], nameOf: (record: EntryRecord) => string | undefined): Table {
  const table: Table = new Map();
  for (let position = 0; position < records.length; position += 1) {
    const record = records[position];
    add(table, record && nameOf(record), position);
  }
  return table;
}

function add(table: Table, name: string | undefined, position: number): void {
  if (name === undefined) {
    return;
  }
  const before = table.get(name);
  if (before === undefined) {
    table.set(name, position);
  } else if (typeof before === 'number') {
    table.set(name, [before, position]);
  } else {
    before.push(position);
  }
}

function found(table: Table, name: string): readonly number[] {
  const positions = table.get(name);
  return positions === undefined ? none : typeof positions === 'number' ? [positions] : positions;
}

function endingOf(record: EntryRecord): string | undefined {
  const { restful, type } = record;
  return restful !== undefined && restful.type === type ? `${type}/${restful.id}` : undefined;
}

function idOf(record: EntryRecord): string | undefined {
  const { restful, type, id } = record;
  return restful === undefined && type !== undefined && id !== undefined ? `${type}/${id}` : undefined;
}
