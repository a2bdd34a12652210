import { member } from '../fhir/json.ts';

/** What a resource holds at a path of {@link referencesOf}, the resource's type being the path's first word. */
export function valueAtPath(resource: unknown, path: string): unknown {
  const [, ...steps] = path.split(/[.[\]]+/).filter((step) => step !== '');
  return steps.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) {
      return value[Number(step)];
    }
    return member(value, step);
  }, resource);
}
