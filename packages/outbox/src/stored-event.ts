import { defineEvent } from '@fhir-messaging/core';
import type { AnyEvent, BundleGraph, EventName, OutboxContract, Resource } from '@fhir-messaging/core';
import { focusOf } from './focus-of.ts';

/** The events that were made here: they take any message, so nothing else is read or written by them. */
const made = /* @__PURE__ */ new WeakSet<AnyEvent>();

/** Whether an event is only what an entry keeps of a contract. */
export function isStored(event: AnyEvent): boolean {
  return made.has(event);
}

/** What an entry keeps of its message's contract, as an event that takes the message as it is: it was checked before it was stored. */
export function storedEvent({ coding, uri }: EventName, { category, reply, scopes }: OutboxContract, graph: BundleGraph<Resource>): AnyEvent {
  const { system = '', code = '' } = coding ?? {};
  const event = defineEvent({ category, reply, scopes, coding: coding && { system, code }, uri, focus: [], payload: {}, otherResources: true });
  const stored = Object.freeze({ ...event, focus: focusOf(graph).flatMap((key) => graph.get(key)?.resourceType ?? []) });
  made.add(stored);
  return stored;
}
