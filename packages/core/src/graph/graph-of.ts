import type { FhirResource } from 'fhir/r4';
import type { BundleLike, ResourceOf } from '../fhir/bundle.ts';
import { isObject, itemsOf, member } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import type { ResolutionMode } from '../reference/resolve-reference.ts';
import type { BundleGraph } from './bundle-graph.ts';
import { EntryRecord } from './entry-record.ts';
import { frozenCopy } from './frozen-copy.ts';
import { GraphState } from './graph-state.ts';
import { graphFrom } from './graph-value.ts';

/** How a graph reads its Bundle. */
export interface GraphOptions {
  /** Copies everything at once, so that the caller may change the Bundle afterwards. @defaultValue false */
  readonly snapshot?: boolean | undefined;
  /** How references are read, unless a call says otherwise. @defaultValue 'strict' */
  readonly mode?: ResolutionMode | undefined;
}

/**
 * The graph of a Bundle.
 *
 * The Bundle is borrowed: never changed, never frozen, and not to be changed by its owner while the graph is in use (or pass
 * `snapshot`). Parts that were not read cost nothing. The resources' types follow the Bundle's; name them where it has none:
 * `graphOf<fhir5.FhirResource>(json)`.
 *
 * @throws {MessagingError} `input.limit` when something is nested more than 200 levels deep: at once with `snapshot`, else from the call that
 * reads or walks it.
 * @example
 * const graph = graphOf(bundle);
 * graph.get('ServiceRequest/123456')?.status;
 */
export function graphOf<TBundle extends BundleLike>(bundle: TBundle, options?: GraphOptions): BundleGraph<ResourceOf<TBundle>>;
export function graphOf<TResource extends Resource>(bundle: BundleLike, options?: GraphOptions): BundleGraph<TResource>;
export function graphOf(bundle: unknown, options?: GraphOptions): unknown {
  return graphOfJson(bundle, options);
}

/** The graph of a value that should be a Bundle; anything else reads as one with what its `entry` lists, if it has one. @internal */
export function graphOfJson<TResource extends Resource = FhirResource>(value: unknown, options: GraphOptions = {}): BundleGraph<TResource> {
  const source = options.snapshot === true ? frozenCopy(value) : value;
  const records = itemsOf(member(source, 'entry')).map((entry) => new EntryRecord(entry));
  return graphFrom(new GraphState(isObject(source) ? source : {}, records, options.mode ?? 'strict'));
}
