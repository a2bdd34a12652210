import { typeIn, withVersion } from '../reference/parse-reference.ts';
import type { EntryLookup, EntryNaming, Found } from '../reference/resolve-reference.ts';
import type { EntryRecord } from './entry-record.ts';

const place = 'Bundle.entry[';

/** Whether a key is that of an entry without a `fullUrl` of its own. */
export function isPlace(key: string): boolean {
  return key.startsWith(place);
}

/** Finds entries by name. Each table is made when it is first asked, in one pass over the entries. */
export class EntryIndex implements EntryLookup {
  readonly #records: readonly EntryRecord[];
  readonly #tables: Tables;

  constructor(records: readonly EntryRecord[], tables: Tables = {}) {
    this.#records = records;
    this.#tables = tables;
  }

  /** The key of each entry: its `fullUrl` where no other has it, else its place. */
  get keys(): readonly string[] {
    return (this.#tables.keys ??= this.#records.map(({ fullUrl }, position) =>
      fullUrl !== undefined && !isPlace(fullUrl) && this.find('fullUrl', fullUrl) === position ? fullUrl : `${place}${position}]`,
    ));
  }

  /** The index of a graph in which the entry at a position was replaced by one with the same `fullUrl` and type. */
  withReplaced(records: readonly EntryRecord[], before: EntryRecord, after: EntryRecord): EntryIndex {
    const { keys, fullUrl, restful, ending } = this.#tables;
    const sameNames = before.id === after.id && before.versionId === after.versionId;
    return new EntryIndex(records, sameNames ? this.#tables : { keys, fullUrl, restful, ending });
  }

  find(by: EntryNaming, name: string, version?: string): Found {
    const table = version === undefined ? by : (`${by} and version` as const);
    return (this.#tables[table] ?? this.#makeTable(by, table)).get(withVersion(name, version));
  }

  onServer(base: string, name: string): number | undefined {
    const found = this.find('restful', name);
    return typeof found === 'number' && this.#records[found]?.restful?.base === base ? found : undefined;
  }

  holdsResource(position: number): boolean {
    return this.#records[position]?.holdsResource === true;
  }

  #makeTable(by: EntryNaming, table: TableName): Table {
    const made = tableOf(this.#records, (record) => {
      const name = nameOf[by](record);
      return table === by ? name : name && record.versionId && withVersion(name, record.versionId);
    });
    this.#tables[table] = made;
    return made;
  }
}

type Table = ReadonlyMap<string, NonNullable<Found>>;

type TableName = EntryNaming | `${EntryNaming} and version`;

type Tables = { [table in TableName]?: Table | undefined } & {
  keys?: readonly string[] | undefined;
};

function tableOf(records: readonly EntryRecord[], nameOfRecord: (record: EntryRecord) => string | undefined): Table {
  const table: GrowingTable = new Map();
  records.forEach((record, position) => {
    note(table, nameOfRecord(record), position);
  });
  return table;
}

/** Nearly every name is one entry's: a list is made only where it is not. */
function note(table: GrowingTable, name: string | undefined, position: number): void {
  const known = name === undefined ? position : table.get(name);
  if (typeof known === 'object') {
    known.push(position);
  } else if (name !== undefined) {
    table.set(name, known === undefined ? position : [known, position]);
  }
}

type GrowingTable = Map<string, number | number[]>;

const nameOf: Readonly<Record<EntryNaming, (record: EntryRecord) => string | undefined>> = {
  fullUrl: ({ fullUrl }) => fullUrl,
  restful: ({ restful }) => restful?.name,
  ending: ({ restful, type }) => (restful && typeIn(restful.name) === type ? restful.name : undefined),
  id: ({ restful, type, id }) => (restful || type === undefined || id === undefined ? undefined : `${type}/${id}`),
  either: (record) => nameOf.ending(record) ?? nameOf.id(record),
};
