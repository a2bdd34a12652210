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
  /** Lenient: the rules match nothing, but one entry goes by that type and id and nothing says that it is another. */
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
  /** The entry is there, in another version than the one that was asked for, or without one. */
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
  | { readonly kind: 'entry'; readonly reason: ResolutionReason; readonly position: number; readonly lenient: boolean }
  | { readonly kind: 'contained'; readonly reason: 'contained' | 'container'; readonly id: string }
  | { readonly kind: 'external'; readonly reason: 'outside-bundle' | 'identifier-only'; readonly url: string | undefined }
  | { readonly kind: 'unresolved'; readonly reason: ResolutionReason }
  | { readonly kind: 'ambiguous'; readonly reason: 'several-matches'; readonly positions: readonly number[] };

/** What entries are called: by `fullUrl`; by the `Type/id` that a RESTful one ends in; by type and id where there is no such one; by either. */
export type EntryNaming = 'fullUrl' | 'ending' | 'id' | 'either';

/** What resolving asks of a Bundle. */
export interface EntryLookup {
  /** The positions of the entries that go by a name. */
  positions(by: EntryNaming, name: string): readonly number[];
  /** Those of some positions whose `meta.versionId` is a version. */
  positionsOfVersion(positions: readonly number[], version: string): readonly number[];
  /** Whether the entry at a position holds a resource. */
  holdsResource(position: number): boolean;
}

/**
 * Says where a reference leads, by `fullUrl` and nothing else; nothing is fetched.
 *
 * @param base - the RESTful base of the `fullUrl` of the entry that holds the reference; `undefined` where it has none.
 * @see {@link https://hl7.org/fhir/R4/bundle.html#references} Resolving references in Bundles
 */
export function locate(literal: string | undefined, base: string | undefined, mode: ResolutionMode, lookup: EntryLookup): Located {
  if (literal === undefined) {
    return { kind: 'external', reason: 'identifier-only', url: undefined };
  }
  const parsed = parseReference(literal);
  switch (parsed.form) {
    case 'fragment':
      return { kind: 'contained', reason: parsed.id === '' ? 'container' : 'contained', id: parsed.id };
    case 'absolute':
      return locateUrl(parsed.url, parsed.version, 'full-url', lookup);
    case 'relative': {
      const name = `${parsed.type}/${parsed.id}`;
      const byRule = base === undefined ? unresolved('no-base') : locateUrl(base + name, parsed.version, 'restful-base', lookup);
      // With a base the reference means one server: an entry of another server that ends the same is another record.
      const found = mode === 'lenient' && (byRule.kind === 'external' || byRule.reason === 'no-base') ? lookup.positions(base === undefined ? 'either' : 'id', name) : [];
      return found.length === 0 ? byRule : pick(found, parsed.version, 'lenient-type-and-id', lookup);
    }
    default:
      return unresolved(parsed.form);
  }
}

function locateUrl(url: string, version: string | undefined, reason: ResolutionReason, lookup: EntryLookup): Located {
  const positions = lookup.positions('fullUrl', url);
  const [first] = positions;
  if (first !== undefined && (positions.length > 1 || lookup.holdsResource(first))) {
    return pick(positions, version, reason, lookup);
  }
  return /^https?:/.test(url) ? { kind: 'external', reason: 'outside-bundle', url: withVersion(url, version) } : unresolved('not-in-bundle');
}

function pick(positions: readonly number[], version: string | undefined, reason: ResolutionReason, lookup: EntryLookup): Located {
  const matching = version === undefined ? positions : lookup.positionsOfVersion(positions, version);
  const [position] = matching;
  if (position === undefined) {
    return unresolved('version-mismatch');
  }
  if (matching.length > 1) {
    return { kind: 'ambiguous', reason: 'several-matches', positions: matching };
  }
  const lenient = reason === 'lenient-type-and-id';
  return { kind: 'entry', reason: version === undefined || lenient ? reason : 'version', position, lenient };
}

function unresolved(reason: ResolutionReason): Located {
  return { kind: 'unresolved', reason };
}
