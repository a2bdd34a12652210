import { defineEvent } from '@fhir-messaging/core';
import type { AnyEvent, EventName, OutboxContract } from '@fhir-messaging/core';

/** What an entry keeps of its message's contract, as an event; the payload is not kept, since the message was checked before it was stored. */
export function storedEvent({ coding, uri }: EventName, contract: OutboxContract): AnyEvent {
  const { system = '', code = '' } = coding ?? {};
  return defineEvent({ ...contract, coding: coding && { system, code }, uri, focus: [], payload: {} });
}
