import { member, textIn } from '../fhir/json.ts';
import type { EntryRecord } from '../graph/entry-record.ts';
import { isAbsoluteUri, namesVersion } from '../reference/parse-reference.ts';

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

/**
 * Which entry of a request is which of its reply, the headers aside: by `fullUrl`, else by one identifier, else as the only one of its
 * type; nothing else is guessed. What could not be our entry's `fullUrl`, or is another's, is not taken over.
 */
export function matchEntries(request: readonly EntryRecord[], reply: readonly EntryRecord[]): readonly AssignedId[] {
  const [ours, theirs] = [request.slice(1), reply.slice(1)];
  const ourUrls = namesOf(request, ({ fullUrl }) => [fullUrl ?? '']);
  const theirUrls = namesOf(theirs, ({ fullUrl }) => [fullUrl ?? '']);
  const free = new Set(theirs.filter((record) => only(theirUrls, record.fullUrl ?? '') && hasSoundFullUrl(record)));
  const assigned = new Map<EntryRecord, AssignedId>();
  const take = (record: EntryRecord, match: EntryRecord | undefined, by: AssignedId['by']): void => {
    const { fullUrl: from = '' } = record;
    const { fullUrl: to = '' } = match ?? {};
    if (match && only(ourUrls, from) && (from === to || !ourUrls.has(to)) && !assigned.has(record) && free.delete(match)) {
      assigned.set(record, { from, to, by });
    }
  };

  const byFullUrl = namesOf(theirs, ({ type, fullUrl }) => [`${type ?? ''} ${fullUrl ?? ''}`]);
  for (const record of ours) {
    take(record, only(byFullUrl, `${record.type ?? ''} ${record.fullUrl ?? ''}`), 'full-url');
  }

  const ourIdentifiers = namesOf(ours, identifiersOf);
  const theirIdentifiers = namesOf(theirs, identifiersOf);
  const claims = ours.map((record) => {
    const found = identifiersOf(record).flatMap((name) => (only(ourIdentifiers, name) && only(theirIdentifiers, name)) ?? []);
    return [record, new Set(found)] as const;
  });
  const claimants = new Map<EntryRecord, number>();
  for (const match of claims.flatMap(([, found]) => [...found])) {
    claimants.set(match, (claimants.get(match) ?? 0) + 1);
  }
  for (const [record, [match, ...others]] of claims) {
    take(record, others.length === 0 && match && claimants.get(match) === 1 ? match : undefined, 'identifier');
  }

  const ourTypes = namesOf(ours, ({ type }) => [type ?? '']);
  const theirTypes = namesOf(theirs, ({ type }) => [type ?? '']);
  for (const record of ours) {
    const match = only(ourTypes, record.type ?? '') && only(theirTypes, record.type ?? '');
    take(record, match && !contradicts(record, match) ? match : undefined, 'only-of-type');
  }
  return [...assigned.values()];
}

/** Whether an entry's `fullUrl` is one that an entry of its type may have. */
function hasSoundFullUrl({ fullUrl, restful, type }: EntryRecord): boolean {
  return fullUrl !== undefined && isAbsoluteUri(fullUrl) && !namesVersion(fullUrl) && (restful === undefined || restful.type === type);
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
  return identifierList(record).map((identifier) => nameOf(record, identifier));
}

/** An identifier of the same system with another value says that they are two, however alone they stand. */
function contradicts(ours: EntryRecord, theirs: EntryRecord): boolean {
  const systems = new Set(identifierList(theirs).map(({ system }) => system));
  const names = new Set(identifiersOf(theirs));
  return identifierList(ours).some((own) => own.system !== '' && systems.has(own.system) && !names.has(nameOf(ours, own)));
}

interface NamedValue {
  readonly system: string;
  readonly value: string;
}

function nameOf({ type = '' }: EntryRecord, { system, value }: NamedValue): string {
  return `${type} ${system}|${value}`;
}

function identifierList(record: EntryRecord): readonly NamedValue[] {
  const identifier = member(record.glimpse, 'identifier');
  return (Array.isArray(identifier) ? identifier : [identifier]).flatMap((item: unknown) => {
    const value = textIn(item, 'value');
    return value === undefined ? [] : [{ system: textIn(item, 'system') ?? '', value }];
  });
}
