import { itemsOf, member } from '../fhir/json.ts';

/** The value of a resource at a path of {@link referencesOf}, which begins with the resource's type. */
export function valueAtPath(resource: unknown, path: string): unknown {
  const [, ...steps] = path.match(/[^.[\]]+/g) ?? [];
  return steps.reduce((value, step) => (Array.isArray(value) ? itemsOf(value)[Number(step)] : member(value, step)), resource);
}
