import type { Resource } from '@medplum/fhirtypes';

/** Somebody to choose on a page. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** The patients, by their ids. */
export function patientChoices(resources: readonly Resource[]): readonly Choice[] {
  return resources.flatMap((resource) => (resource.resourceType === 'Patient' ? [{ value: resource.id ?? '', label: `${resource.name?.[0]?.text ?? ''}, born ${resource.birthDate ?? ''}` }] : []));
}

/** The practitioners, by their references. */
export function userChoices(resources: readonly Resource[]): readonly Choice[] {
  return resources.flatMap((resource) => (resource.resourceType === 'Practitioner' ? [{ value: `Practitioner/${resource.id ?? ''}`, label: resource.name?.[0]?.text ?? '' }] : []));
}
