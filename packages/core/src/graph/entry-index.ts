import { groupBy } from '../fhir/groups.ts';
import { withVersion } from '../reference/parse-reference.ts';
import type { EntryLookup, EntryNaming } from '../reference/resolve-reference.ts';
import type { EntryRecord } from './entry-record.ts';

const none: readonly number[] = Object.freeze([]);

/** Finds entries by name. Each table is made when it is first asked, in one pass over the entries. */
export class EntryIndex implements EntryLookup {
  readonly #records: readonly EntryRecord[];
  readonly #tables: Tables;

  constructor(records: readonly EntryRecord[], tables: Tables = {}) {
    this.#records = records;
    this.#tables = tables;
  }

  /** The index of a graph in which the entry at a position was replaced by one with the same `fullUrl` and type. */
  withReplaced(records: readonly EntryRecord[], before: EntryRecord, after: EntryRecord): EntryIndex {
    const { fullUrl, ending } = this.#tables;
    const sameNames = before.id === after.id && before.versionId === after.versionId;
    return new EntryIndex(records, sameNames ? this.#tables : { fullUrl, ending });
  }

  positions(by: EntryNaming, name: string, version?: string): readonly number[] {
    const table = (this.#tables[version === undefined ? by : (`${by} and version` as const)] ??= groupBy(this.#records.keys(), (position) => {
      const record = this.#records[position];
      const named = record && nameOf[by](record);
      return version === undefined ? named : named && record.versionId && withVersion(named, record.versionId);
    }));
    return table.get(withVersion(name, version)) ?? none;
  }

  holdsResource(position: number): boolean {
    return this.#records[position]?.holdsResource === true;
  }
}

type Tables = { [by in EntryNaming | `${EntryNaming} and version`]?: ReadonlyMap<string, readonly number[]> | undefined };

const nameOf: Readonly<Record<EntryNaming, (record: EntryRecord) => string | undefined>> = {
  fullUrl: ({ fullUrl }) => fullUrl,
  ending: ({ restful, type }) => (restful && restful.type === type ? `${type}/${restful.id}` : undefined),
  id: ({ restful, type, id }) => (restful || type === undefined || id === undefined ? undefined : `${type}/${id}`),
  either: (record) => nameOf.ending(record) ?? nameOf.id(record),
};
