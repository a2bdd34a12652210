import { lenientReason } from '../reference/resolve-reference.ts';
import type { Located, ResolutionReason } from '../reference/resolve-reference.ts';
import type { ReferenceSite } from '../reference/walk-references.ts';
import type { Link, Resolution, UnresolvedReference } from './bundle-graph.ts';
import type { EntryRecord } from './entry-record.ts';

/** Where a reference in an entry leads; a contained resource by its path in that entry's resource. */
export type LocatedInEntry =
  | Exclude<Located, { kind: 'contained' }>
  | { readonly kind: 'contained'; readonly reason: ResolutionReason; readonly path: string };

/** The entries that links lie between. */
export interface LinkedEntries {
  readonly records: readonly EntryRecord[];
  keyAt(position: number): string;
  locate(literal: string | undefined, container: string | undefined, position: number): LocatedInEntry;
}

const none: readonly EntryLink[] = Object.freeze([]);

/** The links between entries: found where they are first asked for, and the same objects from both ends. */
export class Links {
  readonly #entries: LinkedEntries;
  readonly #from = new Map<number, readonly EntryLink[]>();
  #to: readonly EntryLink[][] | undefined;

  constructor(entries: LinkedEntries) {
    this.#entries = entries;
  }

  /** The references of the entry at a position, each with where it leads. */
  from(position: number): readonly EntryLink[] {
    const known = this.#from.get(position);
    if (known !== undefined) {
      return known;
    }
    const sites = this.#entries.records[position]?.references ?? [];
    const links = sites.length === 0 ? none : Object.freeze(sites.map((site) => new EntryLink(this.#entries, position, site)));
    this.#from.set(position, links);
    return links;
  }

  /** The links that lead to the entry at a position, in the order of the entries that hold them. */
  to(position: number): readonly EntryLink[] {
    this.#to ??= this.#grouped();
    return Object.freeze(this.#to[position] ?? none);
  }

  /** The links that lead to nothing in their Bundle. */
  dangling(): readonly UnresolvedReference[] {
    return Object.freeze(
      this.#entries.records.flatMap((_, at) =>
        this.from(at).flatMap(({ kind, from, path, reference, reason }) =>
          kind === 'entry' || kind === 'contained' ? [] : [Object.freeze({ from, path, reference, kind, reason })],
        ),
      ),
    );
  }

  /** The positions of the entries that the first one reaches along links, and where it is asked for, of those that point at a reached one. */
  reached(reverse: boolean): ReadonlySet<number> {
    const reached = new Set<number>(this.#entries.records.length > 0 ? [0] : []);
    // A Set visits what is added while it is walked, so it is the work list too.
    for (const at of reached) {
      for (const { position } of this.from(at)) {
        if (position >= 0) reached.add(position);
      }
      for (const { holder } of reverse ? this.to(at) : none) reached.add(holder);
    }
    return reached;
  }

  #grouped(): readonly EntryLink[][] {
    const groups: EntryLink[][] = [];
    for (let at = 0; at < this.#entries.records.length; at += 1) {
      for (const link of this.from(at)) {
        if (link.position >= 0) (groups[link.position] ??= []).push(link);
      }
    }
    return groups;
  }
}

/** A link that knows positions too, which are no part of what a caller sees. */
export class EntryLink implements Link {
  readonly from: string;
  readonly path: string;
  readonly reference: string | undefined;
  readonly target: string | undefined;
  readonly kind: Resolution['kind'];
  readonly reason: ResolutionReason;
  readonly lenient: boolean;
  readonly #holder: number;
  readonly #position: number;

  constructor(entries: LinkedEntries, holder: number, { path, literal, container }: ReferenceSite) {
    const located = entries.locate(literal, container, holder);
    const position = located.kind === 'entry' ? located.position : -1;
    this.from = entries.keyAt(holder);
    this.path = path;
    this.reference = literal;
    this.target = position < 0 ? undefined : entries.keyAt(position);
    this.kind = located.kind;
    this.reason = located.reason;
    this.lenient = located.reason === lenientReason;
    this.#holder = holder;
    this.#position = position;
    Object.freeze(this);
  }

  /** The position of the entry that holds it. */
  get holder(): number {
    return this.#holder;
  }

  /** The position of the target, -1 where it leads to no entry. */
  get position(): number {
    return this.#position;
  }
}
