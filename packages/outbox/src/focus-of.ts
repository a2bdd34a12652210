import type { BundleGraph, Resource } from '@fhir-messaging/core';

/** The keys of the entries that a message is about; none for a graph without a header. */
export function focusOf(graph: BundleGraph<Resource>): readonly string[] {
  return graph.linksFrom(graph.entries[0]?.key ?? '').flatMap(({ path, target }) => (/^MessageHeader\.focus\[\d+\]$/.test(path) ? (target ?? []) : []));
}
