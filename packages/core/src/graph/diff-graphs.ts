import type { Resource } from '../fhir/resource.ts';
import { isObject, member } from '../fhir/json.ts';
import type { BundleGraph, GraphEntry } from './bundle-graph.ts';
import { stateOf } from './graph-value.ts';

/** One step of a JSON Patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'replace'; readonly path: string; readonly value: unknown };

/** How two graphs differ. */
export interface GraphDifference<TResource extends Resource = Resource> {
  /** Entries that only the second graph has, in its order. */
  readonly added: readonly GraphEntry<TResource>[];
  /** Entries that only the first graph has, in its order. */
  readonly removed: readonly GraphEntry<TResource>[];
  /** Entries of both with another resource; the patch turns the first into the second. */
  readonly changed: readonly ChangedEntry[];
}

/** How one entry's resource differs. */
export interface ChangedEntry {
  readonly key: string;
  readonly patch: readonly PatchOperation[];
}

/**
 * How two graphs differ, entry by entry; entries that they share are not even looked at.
 *
 * An entry is known by its key: where that is `Bundle.entry[n]`, by its position.
 * An array is compared position by position, so what moved in it shows as replaced.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6902} JSON Patch
 * @example diffGraphs(message.graph, edited).changed.map(({ key }) => key)
 */
export function diffGraphs<TResource extends Resource>(
  before: BundleGraph<TResource>,
  after: BundleGraph<TResource>,
): GraphDifference<TResource> {
  const earlier = new Map(before.entries.map((entry, position) => [entry.key, { entry, record: stateOf(before).records[position] }]));
  const later = new Set(after.entries.map((entry) => entry.key));
  const { records } = stateOf(after);
  const changed: ChangedEntry[] = [];
  const added: GraphEntry<TResource>[] = [];
  after.entries.forEach((entry, position) => {
    const known = earlier.get(entry.key);
    if (known === undefined) {
      added.push(entry);
    } else if (known.record !== records[position]) {
      const patch = patchBetween(known.entry.resource, entry.resource);
      if (patch.length > 0) {
        changed.push(Object.freeze({ key: entry.key, patch: Object.freeze(patch.map((operation) => Object.freeze(operation))) }));
      }
    }
  });
  const removed = before.entries.filter(({ key }) => !later.has(key));
  return Object.freeze({ added: Object.freeze(added), removed: Object.freeze(removed), changed: Object.freeze(changed) });
}

/** The JSON Patch that turns one JSON value into another. @internal */
export function patchBetween(before: unknown, after: unknown, path = ''): readonly PatchOperation[] {
  if (before === after) {
    return [];
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return patchArray(before, after, path);
  }
  if (isObject(before) && isObject(after)) {
    return Object.keys({ ...before, ...after }).flatMap((name): readonly PatchOperation[] => {
      const at = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const [from, to] = [member(before, name), member(after, name)];
      return from === undefined && to !== undefined ? [{ op: 'add', path: at, value: to }] : patchBetween(from, to, at);
    });
  }
  return after === undefined ? [{ op: 'remove', path }] : [{ op: 'replace', path, value: after }];
}

function patchArray(before: readonly unknown[], after: readonly unknown[], path: string): readonly PatchOperation[] {
  const common = Math.min(before.length, after.length);
  const inBoth = before.slice(0, common).flatMap((item, index) => patchBetween(item, after[index], `${path}/${index}`));
  const added = after.slice(common).map((value, index): PatchOperation => ({ op: 'add', path: `${path}/${common + index}`, value }));
  // From the end, since each removal moves what comes after it.
  const removed = before.slice(common).map((_, index): PatchOperation => ({ op: 'remove', path: `${path}/${before.length - 1 - index}` }));
  return [...inBoth, ...added, ...removed];
}
