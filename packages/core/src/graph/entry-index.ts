import { relative, withVersion } from '../reference/parse-reference.ts';
import type { EntryLookup, EntryNaming, Found } from '../reference/resolve-reference.ts';
import type { EntryRecord } from './entry-record.ts';

/** The beginning of the key of an entry without a `fullUrl` of its own; its position follows. */
export const place = 'Bundle.entry[';

/** Whether a key is that of an entry without a `fullUrl` of its own. */
export function isPlace(key: string): boolean {
  return key.startsWith(place);
}

/** Finds entries by name. Each table is made when it is first asked, in one pass over the entries. */
export class EntryIndex implements EntryLookup {
  readonly records: readonly EntryRecord[];
  readonly tables: Tables;

  constructor(records: readonly EntryRecord[], tables: Tables = {}) {
    this.records = records;
    this.tables = tables;
  }

  /** The key of each entry: its `fullUrl` where no other has it, else its place. */
  get keys(): readonly string[] {
    return (this.tables.keys ??= this.records.map(({ fullUrl = place }, position) => {
      // Names come from fullUrls: when all names differ, so do the fullUrls, and their table need not be made.
      const isAlone = this.#table('name').size === this.records.length || this.find('fullUrl', fullUrl) === position;
      return isAlone && !isPlace(fullUrl) ? fullUrl : `${place}${position}]`;
    }));
  }

  find(by: EntryNaming, name: string, version?: string): Found {
    return this.#table(by, version === undefined ? by : `${by} and version`).get(withVersion(name, version));
  }

  onServer(base: string, name: string): number | undefined {
    const found = this.find('name', name);
    return typeof found === 'number' && this.records[found]?.restful?.base === base && this.holdsResource(found) ? found : undefined;
  }

  holdsResource(position: number): boolean {
    return this.records[position]?.holdsResource === true;
  }

  /** The table of a naming, made when it is first asked. It holds lists only for names that several entries share, which few do. */
  #table(by: EntryNaming, name: TableName = by): Table {
    return (this.tables[name] ??= this.records.reduce((table, record, position) => {
      const bare = nameOf[by](record);
      const called = name === by ? bare : bare && record.versionId && withVersion(bare, record.versionId);
      const known = called === undefined ? undefined : table.get(called);
      if (typeof known === 'object') {
        known.push(position);
      } else if (called !== undefined) {
        table.set(called, known === undefined ? position : [known, position]);
      }
      return table;
    }, new Map<string, number | number[]>()));
  }
}

/** The position of the entry that goes by a name, or of each where several do. */
export type Table = ReadonlyMap<string, NonNullable<Found>>;

type TableName = EntryNaming | `${EntryNaming} and version`;

/** The tables that an index has made so far; versions of a graph share those that are the same. */
export type Tables = { [table in TableName]?: Table | undefined } & {
  keys?: readonly string[] | undefined;
};

/** The name of an entry in each naming. */
export const nameOf: Readonly<Record<EntryNaming, (record: EntryRecord) => string | undefined>> = {
  fullUrl: ({ fullUrl }) => fullUrl,
  name: ({ restful, fullUrl }) => restful?.name ?? fullUrl,
  ending: ({ restful, type }) => (restful?.name.startsWith(`${type}/`) ? restful.name : undefined),
  id: ({ restful, type, id, fullUrl }) => (restful ? undefined : fullUrl?.startsWith(`${type}/`) && relative.test(fullUrl) ? fullUrl : id && `${type}/${id}`),
  either: (record) => nameOf.ending(record) ?? nameOf.id(record),
};
