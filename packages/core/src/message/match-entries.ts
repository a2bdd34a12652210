import { groupBy, only } from '../fhir/groups.ts';
import { member, textIn } from '../fhir/json.ts';
import type { EntryRecord } from '../graph/entry-record.ts';
import { isAbsoluteUri, namesVersion, parseRestfulUrl, typeIn, withoutVersion } from '../reference/parse-reference.ts';

/** The name that the server gave one of our entries. */
export interface AssignedId {
  /** Our `fullUrl`. */
  readonly from: string;
  /** The server's `fullUrl`; the same as ours where the server kept it. */
  readonly to: string;
  /** How the two were found to be the same. */
  readonly by: 'full-url' | 'identifier' | 'only-of-type';
  /** The server's `Resource.id`, where it differs from ours and the server's `fullUrl`, such as a `urn:`, does not say it. */
  readonly id?: string | undefined;
}

/** The names of an entry in each way of matching; a name counts only if it stands once on both sides. */
const namings: readonly (readonly [by: AssignedId['by'], namesOf: (record: EntryRecord) => readonly string[]])[] = [
  ['full-url', ({ type, fullUrl }) => [`${type ?? ''} ${fullUrl ?? ''}`]],
  ['identifier', identifiersOf],
  ['only-of-type', ({ type }) => [type ?? '']],
];

/**
 * Matches the entries of a request to those of its reply, the headers aside: by `fullUrl`, else by one identifier, else as the only one of
 * its type. The last two take no match that an identifier, an id on the same server, or its own reference to ours contradicts, and the last none
 * that the reply's header names as who sent or wrote it, by a literal, or his role, or who or what stands behind it; nothing else is guessed. A `fullUrl` that cannot be our
 * entry's, or is another's, is not taken over.
 */
export function matchEntries(request: readonly EntryRecord[], reply: readonly EntryRecord[]): readonly AssignedId[] {
  const [ours, theirs] = [request.slice(1), reply.slice(1)];
  const ourUrls = groupBy(request, ({ fullUrl }) => fullUrl);
  const theirUrls = groupBy(theirs, ({ fullUrl }) => fullUrl);
  const free = new Set(theirs.filter((record) => only(theirUrls.get(record.fullUrl ?? '')) && hasSoundFullUrl(record)));
  const repliers = new Set<string | undefined>(namesIn(reply.slice(0, 1), replierPath));
  const namesOfAndIn = (record: EntryRecord, at?: RegExp): readonly (string | undefined)[] => [record.fullUrl, record.restful?.name, ...namesIn([record], at)];
  // A role is of who has it.
  const isReplier = (record: EntryRecord): boolean => namesOfAndIn(record, /^PractitionerRole\.practitioner$/).some((name) => repliers.has(name ?? ''));
  // Behind a role stand who has it, and where.
  for (const name of theirs.filter(isReplier).flatMap((record) => namesOfAndIn(record))) repliers.add(name);
  const assigned = new Map<EntryRecord, AssignedId>();
  for (const [by, namesOf] of namings) {
    const [ourNames, theirNames] = [byName(ours, namesOf), byName(theirs, namesOf)];
    const claims = ours.map((record) => {
      const found = namesOf(record).flatMap((name) => (only(ourNames.get(name)) && only(theirNames.get(name))?.record) ?? []);
      return [record, new Set(found)] as const;
    });
    const claimed = groupBy(
      claims.flatMap(([, found]) => [...found]),
      (match) => match,
    );
    for (const [record, [match, ...others]] of claims) {
      const { fullUrl: from = '' } = record;
      const { fullUrl: to = '', restful, id } = match ?? {};
      const isSure = match && others.length === 0 && only(claimed.get(match)) && (by === 'full-url' || !contradicts(record, match)) && (by !== 'only-of-type' || !isReplier(match));
      const mayTake = only(ourUrls.get(from)) && (from === to || !ourUrls.has(to)) && !assigned.has(record);
      if (isSure && mayTake && free.delete(match)) {
        assigned.set(record, { from, to, by, ...(!restful && id !== undefined && id !== record.id && { id }) });
      }
    }
  }
  return [...assigned.values()];
}

/** Where a header speaks of who sent or wrote its message. */
const replierPath = /\.(sender|responsible|author|enterer)$/;

/** What entries refer to, at any place or at some, without its version; of a server's URL its relative form, too. */
function namesIn(records: readonly EntryRecord[], at = /^/): readonly string[] {
  const literals = records.flatMap(({ references }) => references.flatMap(({ path, literal }) => (literal !== undefined && at.test(path) ? withoutVersion(literal) : [])));
  return literals.flatMap((literal) => [literal, parseRestfulUrl(literal)?.name ?? []].flat());
}

/** Whether an entry's `fullUrl` is one that an entry of its type may have. */
function hasSoundFullUrl({ fullUrl, restful, type }: EntryRecord): boolean {
  return fullUrl !== undefined && isAbsoluteUri(fullUrl) && !namesVersion(fullUrl) && (restful === undefined || typeIn(restful.name) === type);
}

function byName(records: readonly EntryRecord[], namesOf: (record: EntryRecord) => readonly string[]): ReadonlyMap<string, readonly { record: EntryRecord }[]> {
  const named = records.flatMap((record) => [...new Set(namesOf(record))].map((name) => ({ name, record })));
  return groupBy(named, ({ name }) => name);
}

/** The names of the identifiers that have a system; one without may be anybody's. */
function identifiersOf(record: EntryRecord): readonly string[] {
  return identifierList(record).flatMap(({ system, name }) => (system ? name : []));
}

/** Whether two entries cannot be the same resource: a system gives them different identifiers, one server different ids, or theirs refers to ours. */
function contradicts(ours: EntryRecord, theirs: EntryRecord): boolean {
  const others = identifierList(theirs);
  const names = new Set(others.map(({ name }) => name));
  const known = groupBy(identifierList(ours), ({ system }) => system || undefined);
  const isOtherId = ours.restful && ours.restful.base === theirs.restful?.base;
  const isAnother = isOtherId || (ours.fullUrl !== undefined && namesIn([theirs]).includes(ours.fullUrl));
  return isAnother || others.some(({ system }) => known.get(system)?.every(({ name }) => !names.has(name)));
}

interface Identifier {
  readonly system: string;
  /** Its resource's type, its system and its value: equal for the same identifier. */
  readonly name: string;
}

function identifierList({ type = '', glimpse }: EntryRecord): readonly Identifier[] {
  const identifier = member(glimpse, 'identifier');
  return (Array.isArray(identifier) ? identifier : [identifier]).flatMap((item: unknown) => {
    const value = textIn(item, 'value');
    const system = textIn(item, 'system') ?? '';
    return value === undefined ? [] : [{ system, name: `${type} ${system}|${value}` }];
  });
}
