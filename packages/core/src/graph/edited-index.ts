import type { EntryNaming } from '../reference/resolve-reference.ts';
import { EntryIndex, nameOf } from './entry-index.ts';
import type { Table } from './entry-index.ts';
import type { EntryRecord } from './entry-record.ts';

/** The index of a graph in which one entry was replaced by another with the same `fullUrl` and type. */
export function indexAfterUpdate({ tables }: EntryIndex, records: readonly EntryRecord[], before: EntryRecord, after: EntryRecord): EntryIndex {
  const { keys, name, fullUrl, ending } = tables;
  const sameNames = before.id === after.id && before.versionId === after.versionId;
  return new EntryIndex(records, sameNames ? tables : { keys, name, fullUrl, ending });
}

/** The index of a graph in which the entries at some positions got names that no other entry has. */
export function indexAfterRename({ tables, records: before }: EntryIndex, records: readonly EntryRecord[], positions: readonly number[]): EntryIndex {
  const renamed = (by: 'name' | 'fullUrl' | 'ending'): Table | undefined => {
    const table = tables[by];
    return table && renamedTable(table, positions.map((at) => ({ at, from: nameAt(before, by, at), to: nameAt(records, by, at) })));
  };
  const name = renamed('name');
  const keys = name && tables.keys?.slice();
  for (const at of positions) {
    if (keys) keys[at] = nameAt(records, 'fullUrl', at) ?? '';
  }
  return new EntryIndex(records, { keys, name, fullUrl: renamed('fullUrl'), ending: renamed('ending') });
}

interface Rename {
  readonly at: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** The table with entries under other names; `undefined`, which has it made anew, where several entries have a name. */
function renamedTable(table: Table, renames: readonly Rename[]): Table | undefined {
  const renamed = new Map(table);
  for (const { at, from, to } of renames) {
    const isAlone = (from === undefined || renamed.get(from) === at) && (to === undefined || to === from || !renamed.has(to));
    if (!isAlone) {
      return undefined;
    }
    if (from !== undefined) renamed.delete(from);
    if (to !== undefined) renamed.set(to, at);
  }
  return renamed;
}

function nameAt(records: readonly EntryRecord[], by: EntryNaming, at: number): string | undefined {
  const record = records[at];
  return record && nameOf[by](record);
}
