import { Immer } from 'immer';
import { MessagingError } from '../errors.ts';
import type { Resource } from '../fhir/resource.ts';
import { isObject } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { BundleGraph, NamedResource } from './bundle-graph.ts';
import { indexAfterUpdate } from './edited-index.ts';
import { editedRecord, positionToEdit } from './edit-state.ts';
import { GraphState } from './graph-state.ts';
import { graphFrom, stateOf } from './graph-value.ts';

// Immer's own freeze would freeze the values that a recipe puts in, which are still their owner's.
const immer = /* @__PURE__ */ new Immer({ autoFreeze: false });

/** What changes a resource, at once: it changes the one that it is given, or returns another. */
export type ResourceRecipe<TResource extends Resource, TName extends string> = (
  resource: NamedResource<TResource, TName>,
) => NamedResource<TResource, TName> | KeptLiterals<TName> | undefined | void;

/**
 * Nothing, once the name is known. Until then the compiler reads what a recipe returns in the light of it, and so keeps `priority: 'urgent'` a
 * literal, which would be widened to a `string`; arrays stay as they are.
 */
type KeptLiterals<TName extends string> = TName extends never ? LiteralsWithin : never;

interface LiteralsWithin {
  readonly [element: string]: LiteralsWithin | Uppercase<string>;
}

/**
 * The graph with one resource changed by a recipe, which may change the resource that it is given or return another.
 *
 * Every other entry stays the same object, and so does the graph when nothing changed.
 *
 * @param name - what {@link BundleGraph.get} takes: a key, a `fullUrl`, or `Type/id`.
 * @throws {MessagingError} `entry.unknown`; `entry.invalid` when the entry holds no resource, or the recipe changes its type; `input.limit`
 * when the result is nested more than 200 levels deep.
 * @throws {TypeError} when the recipe is async, or returns what is no object. One that changes its resource and returns another gets Immer's own error.
 * @example
 * updateEntry(graph, 'ServiceRequest/123456', (order) => { order.priority = 'urgent'; });
 * updateEntry(graph, 'ServiceRequest/123456', (order) => ({ ...order, priority: 'urgent' }));
 */
export function updateEntry<TResource extends Resource, const TName extends string>(
  graph: BundleGraph<TResource>,
  name: TName,
  recipe: ResourceRecipe<TResource, TName>,
): BundleGraph<TResource>;
export function updateEntry(graph: BundleGraph<Resource>, name: string, recipe: JsonRecipe): unknown {
  const state = stateOf(graph);
  const position = positionToEdit(state, name);
  const before = state.records[position];
  const held = before?.resource;
  if (before === undefined || held === undefined) {
    throw new MessagingError('entry.invalid', `The entry ${name} holds no resource to edit.`);
  }
  const resource = applyRecipe(held, recipe);
  if (resource['resourceType'] !== held['resourceType']) {
    throw new MessagingError('entry.invalid', `An edit of ${name} changes its resourceType: remove the entry and add another.`);
  }
  const after = editedRecord(before, { ...before.entry, resource });
  if (after.entry === before.entry) {
    return graph;
  }
  const records = state.records.slice();
  records[position] = after;
  return graphFrom(new GraphState(state.envelope, records, state.mode, indexAfterUpdate(state.index, records, before, after)));
}

function applyRecipe(resource: JsonObject, recipe: JsonRecipe): JsonObject {
  return immer.produce(resource, (draft: JsonObject) => {
    const given: unknown = recipe(draft);
    if (given === undefined || (isObject(given) && !(given instanceof Promise))) return given;
    throw new TypeError('updateEntry: the recipe has to change its resource, or return one, and at once: it may not be async.');
  });
}

/** A recipe for some resource, as immer sees it; written as a method, so that a recipe for one type fits. */
type JsonRecipe = { apply(resource: JsonObject): JsonObject | undefined | void }['apply'];
