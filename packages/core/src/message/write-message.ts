import type { AnyEvent } from '../event/event-contract.ts';
import type { EventName } from '../event/event-name.ts';
import { present } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { Release } from '../fhir/release.ts';
import type { Resource } from '../fhir/resource.ts';
import { EntryIndex } from '../graph/entry-index.ts';
import { EntryRecord } from '../graph/entry-record.ts';
import { frozenCopy } from '../graph/frozen-copy.ts';
import { GraphState } from '../graph/graph-state.ts';
import { graphFrom } from '../graph/graph-value.ts';
import { sayServers } from '../graph/say-servers.ts';
import { runChecks } from './check/run-checks.ts';
import { composeHeader } from './compose-header.ts';
import type { Destination, Source } from './compose-header.ts';
import { envelopeIds } from './identity.ts';
import type { Content } from './link-entries.ts';
import { messageOf } from './message.ts';
import type { Message } from './message.ts';
import { requireSound } from './require-sound.ts';

/** The parts of a new message. */
export interface MessageParts<TEvent extends AnyEvent | undefined> {
  /** The contract that it has to keep. */
  readonly event: TEvent;
  /** The event as its header names it. */
  readonly name: EventName;
  readonly release: Release;
  readonly source: Source;
  readonly destination?: Destination | readonly Destination[] | undefined;
  /** The `fullUrl`s of the resources in focus. */
  readonly focus: readonly string[];
  readonly response?: JsonObject | undefined;
  readonly content: Content;
  /** Further elements of the Bundle. */
  readonly bundle?: object | undefined;
  readonly newId: () => string;
  readonly now?: (() => number) | undefined;
}

/**
 * A new message: its header first, under fresh ids (messaging.html#reliable), then the entries.
 *
 * @throws {MessagingError} `message.invalid` when it breaks a rule of FHIR or of its contract.
 */
export function writeMessage<TEvent extends AnyEvent | undefined>(parts: MessageParts<TEvent>): Message<TEvent, Resource> {
  const { event, release, content, newId, now = Date.now } = parts;
  const headerId = newId();
  const destinations = [parts.destination ?? []].flat();
  const resource = composeHeader({ ...parts, id: headerId, destinations, extra: content.header });
  const header = new EntryRecord(frozenCopy({ fullUrl: `urn:uuid:${headerId}`, resource }), true);
  const envelope = present({
    ...frozenCopy(parts.bundle),
    total: undefined,
    resourceType: 'Bundle',
    ...envelopeIds(newId(), release === 'R5'),
    type: 'message',
    timestamp: new Date(now()).toISOString(),
    entry: [],
  });
  const given = new EntryIndex([header, ...content.records]);
  const records = sayServers(given.records, (name, url) => given.find('id', name) !== undefined && given.find('fullUrl', url) === undefined);
  const graph = graphFrom<Resource>(new GraphState(envelope, records, 'strict', new EntryIndex(records, given.tables)));
  const issues = requireSound(event, [...content.issues, ...runChecks(graph, { event, release })]);
  return messageOf({ event, graph, release, issues });
}
