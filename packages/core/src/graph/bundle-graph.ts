import type { FhirResource } from 'fhir/r4';
import type { Bundle, ResourceOfType } from '../fhir/bundle.ts';
import type { Reference, Resource } from '../fhir/resource.ts';
import type { ResolutionMode, ResolutionReason } from '../reference/resolve-reference.ts';

/**
 * A Bundle as an immutable value: entries by `fullUrl`, links in and out, typed reads.
 *
 * Everything that it hands out is frozen, made the first time it is asked for, and, but for a resolution, the same object ever after. Editing gives
 * another graph that shares every entry it did not touch.
 */
export interface BundleGraph<TResource extends Resource = FhirResource> {
  /** The whole Bundle; its resources are the very objects that `get` and `all` give. */
  readonly bundle: Bundle<TResource>;
  /** How many entries there are. */
  readonly size: number;
  /** The MessageHeader, where the first entry holds one (bdl-12). */
  readonly header: ResourceOfType<TResource, 'MessageHeader'> | undefined;
  /** The entries in their order. */
  readonly entries: readonly GraphEntry<TResource>[];
  /** The resources of this Bundle that `MessageHeader.focus` leads to, in its order. */
  readonly focus: readonly TResource[];

  /**
   * The resource of one entry: by its key, its exact `fullUrl`, or by `Type/id` when one entry of that type ends so.
   *
   * A resource's `id` is not looked at. `undefined` when there is none, or more than one.
   *
   * @example graph.get('ServiceRequest/123456')?.status
   */
  get<const TName extends string>(name: TName): NamedResource<TResource, TName> | undefined;

  /** Every resource of a type, in the order of the entries. */
  all<TType extends TResource['resourceType']>(type: TType): readonly ResourceOfType<TResource, TType>[];

  /**
   * Says where a reference leads; nothing is ever fetched.
   *
   * @see {@link https://hl7.org/fhir/R4/bundle.html#references} Resolving references in Bundles
   */
  resolve(reference: string | Reference, options?: ResolveOptions): Resolution<TResource>;

  /** The references of one entry, by a name as `get` takes it, in document order, and where they lead; none when there is no such entry. */
  linksFrom(name: string): readonly Link[];

  /** The references that lead to one entry, by a name as `get` takes it, in the order of the entries that hold them; none when there is no such entry. */
  linksTo(name: string): readonly Link[];

  /** Every reference that leads to nothing in this Bundle, with its reason. */
  unresolved(): readonly UnresolvedReference[];

  /**
   * The keys of the entries that the header, or whatever the first entry holds, reaches along references; its own included.
   *
   * With `reverse`, entries that point at a reached one are reached too, as HL7's validator reads it.
   */
  closure(options?: ClosureOptions): ReadonlySet<string>;

  /** Gives {@link BundleGraph.bundle}, so that a graph written with `JSON.stringify` is its Bundle. */
  toJSON(): Bundle<TResource>;
}

/** One entry of a graph. Its `resource` is read when it is asked for: a spread of the entry does not copy it. */
export interface GraphEntry<TResource extends Resource = FhirResource> {
  /** The `fullUrl`, or `Bundle.entry[n]` where that is missing or not unique. */
  readonly key: string;
  readonly fullUrl: string | undefined;
  /** `undefined` where the entry holds none, which no message may have. */
  readonly resource: TResource | undefined;
}

/** A resource by its name: a `Type/id` gives that type, any other name the union. */
export type NamedResource<TResource extends Resource, TName extends string> = TName extends `${infer TType}/${string}`
  ? TType extends TResource['resourceType']
    ? ResourceOfType<TResource, TType>
    : TResource
  : TResource;

/** How to read a reference. */
export interface ResolveOptions {
  /**
   * The entry that holds the reference, by a name as `get` takes it. Without it, or without such an entry, a `#id` has no meaning, and a
   * relative reference only the lenient one.
   */
  readonly from?: string | undefined;
  /** Defaults to the graph's own mode, which is `strict` unless it was made otherwise. */
  readonly mode?: ResolutionMode | undefined;
}

/** Where a reference leads. A `resource` is read when it is asked for: a spread of the resolution does not copy it. */
export type Resolution<TResource extends Resource = FhirResource> =
  | {
      readonly kind: 'entry';
      readonly reason: ResolutionReason;
      /** Whether only the lenient reading found it. */
      readonly lenient: boolean;
      readonly key: string;
      readonly resource: TResource;
    }
  | {
      readonly kind: 'contained';
      readonly reason: ResolutionReason;
      /** The key of the entry that contains it. */
      readonly key: string;
      /** Where in that entry's resource it stands. */
      readonly path: string;
      readonly resource: TResource;
    }
  | {
      readonly kind: 'external';
      readonly reason: ResolutionReason;
      /** The absolute URL; `undefined` where there is only an identifier. */
      readonly url: string | undefined;
    }
  | { readonly kind: 'unresolved'; readonly reason: ResolutionReason }
  | {
      readonly kind: 'ambiguous';
      readonly reason: ResolutionReason;
      /** The keys of the entries that match; for a `#id` that several contained resources have, of the one entry that contains them. */
      readonly keys: readonly string[];
    };

/** One reference of an entry. */
export interface Link {
  /** The key of the entry that holds it. */
  readonly from: string;
  /** Where it stands, as FHIRPath from its resource: `ServiceRequest.performer[0]`. */
  readonly path: string;
  /** `Reference.reference`; `undefined` where there is only an identifier. */
  readonly reference: string | undefined;
  /** The key of the entry that it leads to; `undefined` where it leads to none, and for a `#id`, whose `kind` is `contained`. */
  readonly target: string | undefined;
  readonly kind: Resolution['kind'];
  readonly reason: ResolutionReason;
  /** Whether only the lenient reading found the target. */
  readonly lenient: boolean;
}

/** A reference that leads to nothing in its Bundle. */
export interface UnresolvedReference {
  readonly from: string;
  readonly path: string;
  readonly reference: string | undefined;
  readonly kind: 'external' | 'unresolved' | 'ambiguous';
  readonly reason: ResolutionReason;
}

/** How far {@link BundleGraph.closure} reaches. */
export interface ClosureOptions {
  /** Whether entries that point at a reached one are reached too. @defaultValue false */
  readonly reverse?: boolean | undefined;
}
