import { eventMembers } from '../event/event-name.ts';
import type { EventName } from '../event/event-name.ts';
import { isObject, present } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/json.ts';
import { releases } from '../fhir/release.ts';
import type { Release } from '../fhir/release.ts';

/** Who sends a message, and where replies go: its address, or a `MessageHeader.source` element. */
export type Source = string | SourceElement;

/** A `MessageHeader.source` of either type package; its address is written where the message's release has it. */
export interface SourceElement {
  readonly endpoint?: string | undefined;
  readonly endpointUrl?: string | undefined;
  readonly endpointReference?: object | undefined;
  readonly contact?: object | undefined;
  readonly name?: string | undefined;
  readonly software?: string | undefined;
  readonly version?: string | undefined;
}

/** Where a message goes: its address, or a `MessageHeader.destination` element. */
export type Destination = string | DestinationElement;

/** A `MessageHeader.destination` of either type package; its address is written where the message's release has it. */
export interface DestinationElement {
  readonly endpoint?: string | undefined;
  readonly endpointUrl?: string | undefined;
  readonly endpointReference?: object | undefined;
  readonly target?: object | undefined;
  readonly receiver?: object | undefined;
  readonly name?: string | undefined;
}

/** Refuses a source that is none, as callers in JavaScript may give. @throws {TypeError} */
export function requireSource(source: unknown, taker: string): void {
  if (typeof source !== 'string' && !isObject(source)) {
    throw new TypeError(`${taker}: a source is missing.`);
  }
}

/** The parts that a header is written from. */
export interface HeaderParts {
  readonly id: string;
  readonly name: EventName;
  readonly release: Release;
  readonly source: Source;
  readonly destinations: readonly Destination[];
  /** The `fullUrl`s of the resources in focus. */
  readonly focus: readonly string[];
  /** `MessageHeader.response`, of a reply. */
  readonly response?: JsonObject | undefined;
  /** Further elements; those that the SDK owns are not taken from here. */
  readonly extra: object | undefined;
}

/** A MessageHeader as its release writes it (messageheader.html), without `undefined` members. */
export function composeHeader({ id, name, release, source, destinations, focus, response, extra }: HeaderParts): JsonObject {
  const { eventUri, endpoint } = releases[release];
  const addressed = (party: Source | Destination): object => {
    const { endpoint: r4, endpointUrl: r5 = r4, ...rest } = typeof party === 'string' ? { endpoint: party } : party;
    return { ...rest, ...(r5 !== undefined && { [endpoint]: r5 }) };
  };
  // Built in one go, since an object stays slow once a member was deleted from it.
  return present({
    ...extra,
    resourceType: 'MessageHeader',
    id,
    eventCoding: undefined,
    eventUri: undefined,
    eventCanonical: undefined,
    ...eventMembers(name, eventUri),
    destination: orNone(destinations.map(addressed)),
    source: addressed(source),
    response,
    focus: orNone(focus.map((reference) => ({ reference }))),
  });
}

/** FHIR has no empty lists. */
function orNone<TItem>(items: readonly TItem[]): readonly TItem[] | undefined {
  return items.length > 0 ? items : undefined;
}
