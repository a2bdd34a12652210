import type { FhirResource as FhirResourceR4 } from 'fhir/r4';
import type { FhirResource as FhirResourceR5 } from 'fhir/r5';
import type { Resource } from './resource.ts';

/** The least that a Bundle given to the SDK has; a Bundle of either type package fits without a cast. */
export interface BundleLike<TResource extends Resource = Resource> {
  readonly resourceType: 'Bundle';
  readonly id?: string | undefined;
  readonly type?: string | undefined;
  readonly entry?: readonly BundleEntryLike<TResource>[] | undefined;
}

/** The least that an entry given to the SDK has. */
export interface BundleEntryLike<TResource extends Resource = Resource> {
  readonly fullUrl?: string | undefined;
  readonly resource?: TResource | undefined;
}

/**
 * A Bundle that the SDK hands out: frozen at run time, and of a type that fits functions that take a `fhir4.Bundle`, a `fhir5.Bundle` or
 * Medplum's. A missing member is left out, never `undefined`: Medplum's types are strict about that.
 */
export interface Bundle<TResource extends Resource = FhirResourceR4> {
  readonly resourceType: 'Bundle';
  id?: string;
  type:
    | 'document'
    | 'message'
    | 'transaction'
    | 'transaction-response'
    | 'batch'
    | 'batch-response'
    | 'history'
    | 'searchset'
    | 'collection';
  identifier?: { system?: string; value?: string };
  timestamp?: string;
  entry?: BundleEntry<TResource>[];
}

/** An entry of a Bundle that the SDK hands out. */
export interface BundleEntry<TResource extends Resource = FhirResourceR4> {
  fullUrl?: string;
  resource?: TResource;
}

/**
 * The resources that a Bundle's type speaks of.
 *
 * A Bundle with a union in its type keeps that union, as those of `@medplum/fhirtypes` do. A bare `fhir4.Bundle` has none, and reads as R4's; a
 * bare `fhir5.Bundle`, known by its `issues`, reads as R5's. Parsed JSON, which is `any`, reads as R4's, and so does a bare `fhir4b.Bundle`, which
 * looks like R4's: name its union, `fhir4b.Bundle<fhir4b.FhirResource>`.
 */
export type ResourceOf<TBundle> = 0 extends 1 & TBundle
  ? FhirResourceR4
  : TBundle extends { readonly entry?: readonly { readonly resource?: infer TEntry }[] | undefined }
    ? UnionOf<Extract<TEntry, Resource>, 'issues' extends keyof TBundle ? FhirResourceR5 : FhirResourceR4>
    : FhirResourceR4;

/** The union itself where its members have types of their own, else the union of its release, as for a list without resources. */
type UnionOf<TEntry extends Resource, TRelease> = [TEntry] extends [never] ? TRelease : string extends TEntry['resourceType'] ? TRelease : TEntry;

/** A resource of one type, out of a union of resources. */
export type ResourceOfType<TResource extends Resource, TType extends string> = Extract<TResource, { readonly resourceType: TType }>;

/** A value whose members are `readonly` at any depth, as the SDK's frozen values are at run time. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
