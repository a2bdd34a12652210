import { defineEvent } from '@fhir-messaging/core';
import type { AnyEvent, BundleGraph, EventName, OutboxContract, Resource } from '@fhir-messaging/core';
import { focusOf } from './describe.ts';

/** What an entry keeps of its message's contract, as an event that takes the message as it is: it was checked before it was stored. */
export function storedEvent({ coding, uri }: EventName, contract: OutboxContract, graph: BundleGraph<Resource>): AnyEvent {
  const { system = '', code = '' } = coding ?? {};
  const event = defineEvent({ ...contract, coding: coding && { system, code }, uri, focus: [], payload: {}, otherResources: true });
  return Object.freeze({ ...event, focus: focusOf(graph).flatMap((key) => graph.get(key)?.resourceType ?? []) });
}
