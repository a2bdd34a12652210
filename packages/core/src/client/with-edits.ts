import { isObject, member } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { patchBetween } from '../graph/diff-graphs.ts';
import { EntryRecord } from '../graph/entry-record.ts';
import { frozenLike } from '../graph/frozen-like.ts';
import { stateOf } from '../graph/graph-value.ts';

/**
 * The entries of what was sent, with the edits that a draft made since its base: entries that it added or removed, and of an entry that both have
 * the resource's elements that it changed, together with those of the same stem.
 */
export function withEdits(sent: BundleGraph<Resource>, base: BundleGraph<Resource>, draft: BundleGraph<Resource>): readonly EntryRecord[] {
  const own = entriesOf(draft);
  const merged = mergedOf(entriesOf(base), own, entriesOf(sent), 2);
  return Object.values(frozenLike(merged, own)).map((entry) => new EntryRecord(entry, true));
}

function entriesOf(graph: BundleGraph<Resource>): JsonObject {
  const state = stateOf(graph);
  return Object.fromEntries(state.records.map(({ entry }, position) => [state.keyAt(position), entry]));
}

function mergedOf(before: JsonObject, own: JsonObject, sent: JsonObject, levels: number): JsonObject;
function mergedOf(before: unknown, own: unknown, sent: unknown, levels: number): unknown;
function mergedOf(before: unknown, own: unknown, sent: unknown, levels: number): unknown {
  if (patchBetween(before, own).length === 0) return sent;
  if (!isObject(own) || !isObject(sent)) return own;
  if (levels === 0) return mergedResource(before, own, sent);
  const names = Object.keys({ ...sent, ...own });
  return Object.fromEntries(names.map((name) => [name, mergedOf(member(before, name), member(own, name), member(sent, name), levels - 1)]));
}

/** An element is taken as a whole, as half of a code and half of another would say what nobody said; so are the forms of a choice, and what is contained with what refers to it. */
function mergedResource(before: unknown, own: JsonObject, sent: JsonObject): JsonObject {
  if (patchBetween(own['contained'], sent['contained']).length > 0) return own;
  const names = Object.keys({ ...sent, ...own });
  const edited = new Set(names.filter((name) => patchBetween(member(before, name), own[name]).length > 0).map(stemOf));
  return Object.fromEntries(names.map((name) => [name, (edited.has(stemOf(name)) ? own : sent)[name]]));
}

/** What an element's name begins with: `occurrence` of `occurrencePeriod` and of `_occurrenceDateTime`. */
function stemOf(name: string): string {
  return name.replace(/^_/, '').replace(/[A-Z].*/, '');
}
