import type { Reader, Resource } from '@fhir-messaging/core';

/** A reader over a record as JSON, as an app's own function would be, that keeps what it was asked. */
export interface RecordReader extends Reader {
  readonly asked: string[];
}

export const baseUrl = 'https://fhir.example.org/v4';

/** Reads some resources, and answers 404 for any other with a text that must not leak. */
export function readerOf(resources: readonly object[], base: string = baseUrl): RecordReader {
  const asked: string[] = [];
  return {
    baseUrl: base,
    asked,
    read: (reference) => {
      asked.push(reference);
      const found = (resources as readonly Resource[]).find(({ resourceType, id, meta }) => [`${resourceType}/${id}`, `${resourceType}/${id}/_history/${meta?.versionId}`].includes(reference));
      return found ? Promise.resolve(found) : Promise.reject(Object.assign(new Error('MILLER'), { status: 404 }));
    },
  };
}

/** The reference to a resource. */
export const referenceTo = (resource: object): { readonly reference: string } => {
  const { resourceType, id } = resource as Resource;
  return { reference: `${resourceType}/${id}` };
};
