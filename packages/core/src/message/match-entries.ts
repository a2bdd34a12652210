import { member, objectsIn, textIn } from '../fhir/json.ts';
import type { EntryRecord } from '../graph/entry-record.ts';

/** What the server calls one of our entries. */
export interface AssignedId {
  /** Our `fullUrl`. */
  readonly from: string;
  /** The server's; the same as ours where it kept it. */
  readonly to: string;
  /** How the two were found to be the same. */
  readonly by: 'full-url' | 'identifier' | 'only-of-type';
}

/** Entries by a name, where each name that several have counts for none. */
type Names = ReadonlyMap<string, readonly EntryRecord[]>;

/** Which of our entries is which of theirs: by `fullUrl`, else by one identifier, else as the only one of its type; nothing else is guessed. */
export function matchEntries(ours: readonly EntryRecord[], theirs: readonly EntryRecord[]): readonly AssignedId[] {
  const free = new Set(theirs.filter(({ fullUrl }) => fullUrl !== undefined));
  const assigned = new Map<EntryRecord, AssignedId>();
  const take = (record: EntryRecord, match: EntryRecord | undefined, by: AssignedId['by']): void => {
    if (record.fullUrl !== undefined && match?.fullUrl !== undefined && !assigned.has(record) && free.delete(match)) {
      assigned.set(record, { from: record.fullUrl, to: match.fullUrl, by });
    }
  };

  const byFullUrl = namesOf(theirs, ({ type, fullUrl }) => [`${type ?? ''} ${fullUrl ?? ''}`]);
  for (const record of ours) {
    take(record, only(byFullUrl, `${record.type ?? ''} ${record.fullUrl ?? ''}`), 'full-url');
  }

  const ourIdentifiers = namesOf(ours, identifiersOf);
  const theirIdentifiers = namesOf(theirs, identifiersOf);
  for (const record of ours) {
    const found = new Set(identifiersOf(record).flatMap((name) => (only(ourIdentifiers, name) ? (only(theirIdentifiers, name) ?? []) : [])));
    const [match, ...others] = found;
    take(record, others.length === 0 ? match : undefined, 'identifier');
  }

  const ourTypes = namesOf(ours, ({ type }) => [type ?? '']);
  const theirTypes = namesOf(theirs, ({ type }) => [type ?? '']);
  for (const record of ours) {
    const match = only(ourTypes, record.type ?? '') && only(theirTypes, record.type ?? '');
    take(record, match && !contradicts(record, match) ? match : undefined, 'only-of-type');
  }
  return [...assigned.values()];
}

function namesOf(records: readonly EntryRecord[], read: (record: EntryRecord) => readonly string[]): Names {
  const names = new Map<string, EntryRecord[]>();
  for (const record of records) {
    for (const name of new Set(read(record))) {
      const known = names.get(name);
      if (known === undefined) {
        names.set(name, [record]);
      } else {
        known.push(record);
      }
    }
  }
  return names;
}

function only(names: Names, name: string): EntryRecord | undefined {
  const found = names.get(name);
  return found?.length === 1 ? found[0] : undefined;
}

function identifiersOf(record: EntryRecord): readonly string[] {
  return identifierList(record).flatMap(({ system, value }) => (value === undefined ? [] : [`${record.type ?? ''} ${system ?? ''}|${value}`]));
}

/** An identifier of the same system with another value says that they are two, however alone they stand. */
function contradicts(ours: EntryRecord, theirs: EntryRecord): boolean {
  const known = identifierList(theirs);
  return identifierList(ours).some(({ system, value }) => {
    const sameSystem = known.filter((identifier) => identifier.system === system && system !== undefined);
    return sameSystem.length > 0 && !sameSystem.some((identifier) => identifier.value === value);
  });
}

function identifierList(record: EntryRecord): readonly { system: string | undefined; value: string | undefined }[] {
  const identifier = member(record.glimpse, 'identifier');
  const list = Array.isArray(identifier) ? objectsIn(identifier) : objectsIn([identifier]);
  return list.map((item) => ({ system: textIn(item, 'system'), value: textIn(item, 'value') }));
}
