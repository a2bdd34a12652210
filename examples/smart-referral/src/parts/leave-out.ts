import { removeEntry, updateEntry } from '@fhir-messaging/core';
import type { BundleGraph, GraphEntry } from '@fhir-messaging/core';
import type { FhirResource } from 'fhir/r4';

/** The elements of an order that something may be left out of. */
const optional = /^ServiceRequest\.(reasonReference|insurance|supportingInfo)\[\d+\]$/;

/** What an order names by its other elements stays, and so does who pays, which no insurance is without. */
const needed = /^(ServiceRequest\.(?!(reasonReference|insurance|supportingInfo)\b)|Coverage\.payor\b)/;

/** The name of the order in its graph: the server may have called it otherwise than the record does. */
export function orderNameIn(graph: BundleGraph): `ServiceRequest/${string}` {
  const key = graph.entries.find(({ resource }) => resource?.resourceType === 'ServiceRequest')?.key ?? '';
  return `ServiceRequest/${key.split('/').at(-1) ?? ''}`;
}

/** What goes along with the order and may be left out of it. */
export function optionalEntries(graph: BundleGraph): readonly GraphEntry[] {
  return graph.entries.filter(({ key }) => {
    const paths = graph.linksTo(key).map(({ path }) => path);
    return paths.some((path) => optional.test(path)) && !paths.some((path) => needed.test(path));
  });
}

/** The graph without one entry, without every reference to it, and without what only it led to: what is left out is not sent, and no loose ends are. */
export function leaveOut(graph: BundleGraph, key: string): BundleGraph {
  const unlinked = graph.linksTo(key).reduce((less, { from, reference }) => updateEntry(less, from, (resource) => withoutReference(resource, reference)), graph);
  const reached = unlinked.closure();
  return unlinked.entries.filter((entry) => entry.key === key || !reached.has(entry.key)).reduce((less, entry) => removeEntry(less, entry.key), unlinked);
}

/** A resource without a reference, and without what is empty then: FHIR has no empty lists and objects (ele-1). */
function withoutReference(resource: FhirResource, reference: string | undefined): FhirResource;
function withoutReference(resource: FhirResource, reference: string | undefined): unknown {
  const kept: unknown = JSON.parse(JSON.stringify(resource), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const left = Array.isArray(value) ? value.filter((each) => each !== undefined) : value;
    const isReference = 'reference' in value && value.reference === reference;
    return isReference || Object.keys(left).length === 0 ? undefined : left;
  });
  return kept;
}
