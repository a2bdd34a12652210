import { graphOf, MessagingError } from '@fhir-messaging/core';
import type { AssemblyOptions, BundleLike, Resource, ResourceOfType } from '@fhir-messaging/core';
import type { FhirResource } from 'fhir/r4';

/** One resource of the record. */
export async function readOne<TType extends FhirResource['resourceType']>(
  reader: AssemblyOptions,
  type: TType,
  id: string,
  signal: AbortSignal,
): Promise<ResourceOfType<FhirResource, TType>> {
  const resource = await reader.read(`${type}/${id}`, { signal });
  const [found] = isResource(resource) ? graphOf<FhirResource>({ resourceType: 'Bundle', entry: [{ resource }] }).all(type) : [];
  if (found === undefined) {
    throw new MessagingError('reply.mismatch', `The server gave something else than the ${type}.`);
  }
  return found;
}

/** What a search in the record finds, on its first page. */
export async function searchFor<TType extends FhirResource['resourceType']>(
  reader: AssemblyOptions,
  type: TType,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly ResourceOfType<FhirResource, TType>[]> {
  const found = await reader.search?.(`${type}?${new URLSearchParams(parameters).toString()}`, { signal });
  return isBundle(found) ? graphOf<FhirResource>(found).all(type) : [];
}

function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && 'resourceType' in value && typeof value.resourceType === 'string';
}

function isBundle(value: unknown): value is BundleLike {
  return isResource(value) && value.resourceType === 'Bundle';
}
