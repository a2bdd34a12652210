import { removeEntry, updateEntry } from '@fhir-messaging/core';
import type { BundleGraph, GraphEntry } from '@fhir-messaging/core';

/** The elements of an order that something may be left out of. */
const optional = ['reasonReference', 'insurance', 'supportingInfo'] as const;

/** The name of the order in its graph: the server may have called it otherwise than the record does. */
export function orderNameIn(graph: BundleGraph): `ServiceRequest/${string}` {
  const key = graph.entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest')?.key ?? '';
  return `ServiceRequest/${key.split('/').at(-1) ?? ''}`;
}

/** What goes along with the order and may be left out of it. */
export function optionalEntries(graph: BundleGraph): readonly GraphEntry[] {
  const names = new Set(optional.map((element) => `ServiceRequest.${element}`));
  return graph.entries.filter(({ key }) => graph.linksTo(key).some(({ path }) => names.has(path.replace(/\[\d+\]$/, ''))));
}

/** The graph without one entry, without the order's references to it, and without what only it led to: no loose ends go out. */
export function leaveOut(graph: BundleGraph, key: string): BundleGraph {
  const references = new Set(graph.linksTo(key).map(({ reference }) => reference));
  const unlinked = updateEntry(graph, orderNameIn(graph), (order) => {
    for (const element of optional) {
      const kept = order[element]?.filter(({ reference }) => !references.has(reference));
      if (kept === undefined || kept.length === 0) Reflect.deleteProperty(order, element);
      else order[element] = kept;
    }
  });
  const reached = unlinked.closure();
  return unlinked.entries.filter((entry) => !reached.has(entry.key)).reduce((less, entry) => removeEntry(less, entry.key), unlinked);
}
