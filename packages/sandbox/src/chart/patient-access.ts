import { isJsonObject } from '../json-object.ts';

/**
 * Whether a resource may be seen with a `patient/` scope: it is about that patient, or about none.
 *
 * A resource is about each patient that it refers to.
 */
export function concernsOnly(patient: string | undefined, resource: unknown): boolean {
  const own = `Patient/${patient ?? ''}`;
  if (isJsonObject(resource) && resource['resourceType'] === 'Patient') {
    return resource['id'] === patient;
  }
  return patientsIn(resource).every((reference) => reference === own);
}

function patientsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap(patientsIn);
  }
  if (!isJsonObject(value)) {
    return [];
  }
  return Object.entries(value).flatMap(([name, member]) => {
    const [reference] = name === 'reference' && typeof member === 'string' ? (/Patient\/[A-Za-z0-9.-]+/.exec(member) ?? []) : [];
    return reference === undefined ? patientsIn(member) : [reference];
  });
}
