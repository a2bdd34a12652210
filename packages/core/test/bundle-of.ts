import type { BundleEntryLike, BundleLike } from '../src/fhir/bundle.ts';
import type { Resource } from '../src/fhir/resource.ts';

/** A resource of any type, with whatever a test puts in. */
export type AnyResource = Resource & Record<string, unknown>;

/** A message Bundle of these entries. */
export function bundleOf(...entry: BundleEntryLike<AnyResource>[]): BundleLike<AnyResource> {
  return { resourceType: 'Bundle', type: 'message', entry };
}
