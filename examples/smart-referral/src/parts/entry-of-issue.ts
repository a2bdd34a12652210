import type { BundleGraph, GraphEntry, Issue } from '@fhir-messaging/core';

/** The entry that an issue points at, by its path from the message's Bundle: a change that waits for its envelope has one entry less. */
export function entryOfIssue(graph: BundleGraph, { expression }: Issue): GraphEntry | undefined {
  const [, position] = /^Bundle\.entry\[(\d+)\]/.exec(expression?.[0] ?? '') ?? [];
  return position === undefined ? undefined : graph.entries[Number(position) - (graph.header ? 0 : 1)];
}
