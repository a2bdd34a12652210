import type { EventName } from '../event/event-name.ts';
import type { JsonObject } from '../fhir/json.ts';
import { releases } from '../fhir/release.ts';
import type { Release } from '../fhir/release.ts';
import type { Resource } from '../fhir/resource.ts';
import type { BundleGraph } from '../graph/bundle-graph.ts';
import { EntryRecord } from '../graph/entry-record.ts';
import { frozenCopy } from '../graph/frozen-copy.ts';
import { GraphState } from '../graph/graph-state.ts';
import { graphFrom } from '../graph/graph-value.ts';
import { composeHeader } from './compose-header.ts';
import type { Destination, Source } from './compose-header.ts';

/** What a new message's graph is made of. */
export interface GraphParts {
  readonly event: EventName;
  readonly release: Release;
  readonly source: Source;
  readonly destination?: Destination | readonly Destination[] | undefined;
  readonly focus: readonly string[];
  readonly response: JsonObject | undefined;
  readonly records: readonly EntryRecord[];
  readonly header?: object | undefined;
  readonly bundle?: object | undefined;
  readonly newId: () => string;
  readonly now?: (() => Date) | undefined;
}

const ownedByHeader = ['resourceType', 'id', 'eventCoding', 'eventUri', 'eventCanonical', 'source', 'destination', 'focus', 'response'];
const ownedByBundle = ['resourceType', 'id', 'identifier', 'type', 'timestamp', 'entry', 'total'];

/** The graph of a new message: its header first, under fresh ids (messaging.html#reliable), then the entries. */
export function composeGraph(parts: GraphParts): BundleGraph<Resource> {
  const { event, release, source, focus, response, records, newId, now } = parts;
  const headerId = newId();
  const bundleId = newId();
  const destinations = parts.destination === undefined ? [] : [parts.destination].flat();
  const extra = without(parts.header, ownedByHeader);
  const resource = composeHeader({ id: headerId, event, release, source, destinations, focus, response, extra });
  const identifier = { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${bundleId}` };
  const envelope: JsonObject = {
    ...without(parts.bundle, ownedByBundle),
    resourceType: 'Bundle',
    id: bundleId,
    ...(releases[release].identity === 'Bundle.identifier' && { identifier }),
    type: 'message',
    timestamp: (now?.() ?? new Date()).toISOString(),
  };
  const header = new EntryRecord(frozenCopy({ fullUrl: `urn:uuid:${headerId}`, resource }), true);
  return graphFrom(new GraphState(envelope, [header, ...records], 'strict'));
}

function without(given: object | undefined, owned: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(given ?? {}).filter(([name, value]) => value !== undefined && !owned.includes(name)));
}
