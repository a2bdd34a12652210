import { isObject, itemsOf, member } from '../fhir/json.ts';
import type { Resource } from '../fhir/resource.ts';
import { patchBetween } from '../graph/diff-graphs.ts';
import { frozenCopy } from '../graph/frozen-copy.ts';
import { isGraph, stateOf } from '../graph/graph-value.ts';
import type { AnyMessage } from './submission-parts.ts';

/**
 * A copy of a message's content that its owner's later changes do not reach. Of a graph it has the entries alone: a new message has a header and
 * an envelope of its own.
 *
 * @throws {MessagingError} `input.limit` when it is nested more than 200 levels deep.
 */
export function keepContent(content: object): object {
  if (!isGraph(content)) {
    return frozenCopy(content);
  }
  const { records, header } = stateOf(content);
  return records.slice(header ? 1 : 0).map(({ entry }) => entry);
}

/** Whether two contents, kept or not, are the same JSON, whatever the order of their members. A payload and a graph never are. */
export function isSameContent(before: object, after: object): boolean {
  return patchBetween(isGraph(before) ? keepContent(before) : before, isGraph(after) ? keepContent(after) : after).length === 0;
}

/**
 * Whether two messages say the same in header, entries and Bundle: all but their own ids and times, the version of the application, and the `urn:uuid`
 * names of what is on no server. The name of a person with neither id nor identifier counts: nothing else may tell one from another.
 *
 * @internal
 */
export function isSameMessage(before: AnyMessage, after: AnyMessage): boolean {
  return patchBetween(saidIn(before), saidIn(after)).length === 0;
}

function saidIn({ graph, release }: AnyMessage): unknown {
  const { id, identifier, timestamp, ...said } = graph.bundle;
  const [header] = graph.entries;
  const ownId = header?.resource?.id;
  const source = member(header?.resource, 'source');
  const positions = new Map<unknown, number>(graph.entries.flatMap(({ fullUrl, resource }, position) => (isUnidentified(resource) ? [] : [[fullUrl, position]])));
  const json = JSON.stringify({ ...said, identifier: release === 'R5' ? undefined : identifier }, (name, value: unknown) => {
    if (name === 'id') return value === ownId ? 0 : value;
    if (isObject(value) && value === source) return { ...value, software: undefined, version: undefined };
    // Names alone: a resource's id and identifiers say who it is, also where its name is made of them.
    const isFresh = /^(fullUrl|reference)$/.test(name) && /^urn:uuid:/.test(String(value));
    return isFresh ? (positions.get(value) ?? value) : value;
  });
  return JSON.parse(json);
}

/** Whether a resource is a person whom neither an id nor an identifier tells from another. */
function isUnidentified(resource: Resource | undefined): boolean {
  return /Patient|Person|Practitioner$/.test(resource?.resourceType ?? '') && !(resource?.id ?? itemsOf(member(resource, 'identifier')).some((identifier) => member(identifier, 'value')));
}

/** A name that each copy of a message has. */
export function nameOf(message: AnyMessage): unknown {
  return message.identity.message ?? message;
}
