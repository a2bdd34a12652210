import type { BundleGraph, GraphEntry, Issue } from '@fhir-messaging/core';
import type { FhirResource } from 'fhir/r4';

/** The entry that an issue points at, by its path from the Bundle. */
export function entryOfIssue(graph: BundleGraph<FhirResource>, { expression }: Issue): GraphEntry<FhirResource> | undefined {
  const [, position] = /^Bundle\.entry\[(\d+)\]/.exec(expression?.[0] ?? '') ?? [];
  return position === undefined ? undefined : graph.entries[Number(position)];
}
