import { parseReference, withVersion } from './parse-reference.ts';

/** `strict` is the spec's algorithm; `lenient` also takes the common deviation of matching by `Type/id`. */
export type ResolutionMode = 'strict' | 'lenient';

/** Why a reference leads where it leads. */
export type ResolutionReason =
  /** An absolute reference equals an entry's `fullUrl`. */
  | 'full-url'
  /** A relative reference, put behind the base of its holder's `fullUrl`, equals an entry's `fullUrl`. */
  | 'restful-base'
  /** The version was taken off, an entry's `fullUrl` matched, and its `meta.versionId` is that version. */
  | 'version'
  /** Lenient: the rules match no entry, but one goes by that type and id, and nothing says that it is another record. */
  | 'lenient-type-and-id'
  /** `#id` names a resource contained in the holder. */
  | 'contained'
  /** `#` names the holder itself. */
  | 'container'
  /** An absolute http(s) reference, or a relative one on its holder's server, that no entry answers: it may exist elsewhere. */
  | 'outside-bundle'
  /** There is no literal, only an identifier. */
  | 'identifier-only'
  /** A `urn:` that no entry answers; it cannot exist elsewhere. */
  | 'not-in-bundle'
  /** A relative reference whose holder has no RESTful `fullUrl` has no meaning. */
  | 'no-base'
  /** The entry is there, in another version than the one that was asked for, or without one; on a server that version may exist. */
  | 'version-mismatch'
  /** `#id` names nothing that the holder contains, or there is no holder. */
  | 'not-contained'
  /** `Type?search` has a meaning in transactions only. */
  | 'conditional'
  /** The literal is no reference at all. */
  | 'not-a-reference'
  /** Several entries match, or several contained resources have the id. */
  | 'several-matches';

/** Where a reference leads, in positions of entries. */
export type Located =
  | { readonly kind: 'entry'; readonly reason: ResolutionReason; readonly position: number }
  | { readonly kind: 'contained'; readonly reason: 'contained' | 'container'; readonly id: string }
  | { readonly kind: 'external'; readonly reason: 'outside-bundle' | 'version-mismatch' | 'identifier-only'; readonly url: string | undefined }
  | { readonly kind: 'unresolved'; readonly reason: ResolutionReason }
  | { readonly kind: 'ambiguous'; readonly reason: 'several-matches'; readonly positions: readonly number[] };

/**
 * The namings of entries. `fullUrl`; `name`: the `Type/id` that a RESTful `fullUrl` ends in, or any other `fullUrl` whole; `ending`: that `Type/id`
 * where the resource is of this type; `id`: the resource's type and id, or the `fullUrl` that is a `Type/id` itself, where it is not RESTful; `either`:
 * one of the last two.
 */
export type EntryNaming = 'fullUrl' | 'name' | 'ending' | 'id' | 'either';

/** The position of the one entry that goes by a name, of each where several do, or `undefined`. */
export type Found = number | readonly number[] | undefined;

/** The questions that resolving asks of a Bundle. */
export interface EntryLookup {
  /** The positions of the entries that go by a name; with a version, only of those with that `meta.versionId`. */
  find(by: EntryNaming, name: string, version?: string): Found;
  /** A short cut for the usual case: the position of the one entry whose `fullUrl` ends in this `Type/id`, if it has this base and a resource, too. */
  onServer(base: string, name: string): number | undefined;
  /** Whether the entry at a position holds a resource. */
  holdsResource(position: number): boolean;
}

/**
 * Says where a reference leads, by `fullUrl`, and leniently by type and id too; nothing is fetched.
 *
 * @param base - the RESTful base of the `fullUrl` of the entry that holds the reference; `undefined` where it has none.
 * @see {@link https://hl7.org/fhir/R4/bundle.html#references} Resolving references in Bundles
 */
export function locate(literal: string | undefined, base: string | undefined, mode: ResolutionMode, lookup: EntryLookup): Located {
  if (literal === undefined) {
    return { kind: 'external', reason: 'identifier-only', url: undefined };
  }
  const onServer = base === undefined ? undefined : lookup.onServer(base, literal);
  if (onServer !== undefined) {
    return { kind: 'entry', reason: 'restful-base', position: onServer };
  }
  const parsed = parseReference(literal);
  switch (parsed.form) {
    case 'fragment':
      return { kind: 'contained', reason: parsed.id === '' ? 'container' : 'contained', id: parsed.id };
    case 'absolute':
      return locateUrl(parsed.url, 'full-url', parsed.version, lookup);
    case 'relative': {
      const { name, version } = parsed;
      const byRule = base === undefined ? unresolved('no-base') : locateUrl(base + name, 'restful-base', version, lookup);
      if (mode === 'strict' || (byRule.reason !== 'outside-bundle' && byRule.reason !== 'no-base')) {
        return byRule;
      }
      // With a base the reference means one server: an entry of another server that ends the same is another record.
      return pick(lookup.find(base === undefined ? 'either' : 'id', name, version), lenientReason) ?? byRule;
    }
    default:
      return unresolved(parsed.form);
  }
}

/** The reason of an entry that only lenient reading finds. */
export const lenientReason = 'lenient-type-and-id';

function locateUrl(url: string, reason: ResolutionReason, version: string | undefined, lookup: EntryLookup): Located {
  const found = lookup.find('fullUrl', url);
  const isHeld = found !== undefined && (typeof found === 'object' || lookup.holdsResource(found));
  const located = isHeld ? pick(lookup.find('fullUrl', url, version), version === undefined ? reason : 'version') : undefined;
  if (located || !/^https?:/i.test(url)) {
    return located ?? unresolved(isHeld ? 'version-mismatch' : 'not-in-bundle');
  }
  return { kind: 'external', reason: isHeld ? 'version-mismatch' : 'outside-bundle', url: withVersion(url, version) };
}

function pick(found: Found, reason: ResolutionReason): Located | undefined {
  return typeof found === 'number' ? { kind: 'entry', reason, position: found } : found && { kind: 'ambiguous', reason: 'several-matches', positions: found };
}

/** The location of a reference that leads nowhere. */
export function unresolved(reason: ResolutionReason): Extract<Located, { kind: 'unresolved' }> {
  return { kind: 'unresolved', reason };
}
