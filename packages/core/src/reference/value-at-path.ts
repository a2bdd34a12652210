import { itemsOf, member } from '../fhir/json.ts';

/** What a resource holds at a path of {@link referencesOf}, the resource's type being the path's first word. */
export function valueAtPath(resource: unknown, path: string): unknown {
  const [, ...steps] = path.match(/[^.[\]]+/g) ?? [];
  return steps.reduce((value, step) => (Array.isArray(value) ? itemsOf(value)[Number(step)] : member(value, step)), resource);
}
