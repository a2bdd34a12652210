import { isSameEvent } from '@fhir-messaging/core';
import type { AnyEvent } from '@fhir-messaging/core';
import { isStored } from './stored-event.ts';

/** The contracts by which an outbox reads what it stored, and writes what follows another message. */
export interface KnownEvents {
  /** Those that it was given, by which it reads. */
  readonly given: readonly AnyEvent[];
  /** Those, then those that messages came with, by which it writes. */
  readonly events: readonly AnyEvent[];
  /**
   * Remembers the contract of a message, unless it is what was stored of one, and returns the one that counts.
   *
   * @throws {TypeError} where messages came with another contract of that event, and none was given.
   */
  readonly learn: (event: AnyEvent) => AnyEvent;
}

/** The contracts that were given, which count before those that messages come with. */
export function knownEvents(given: readonly AnyEvent[]): KnownEvents {
  const events = [...given];
  return {
    given,
    events,
    learn(event) {
      if (isStored(event)) return event;
      const known = events.find((other) => isSameEvent(other, event));
      if (known === undefined) events.push(event);
      // What follows another message names its event alone: it could be written with the other contract.
      else if (!given.includes(known) && JSON.stringify(known) !== JSON.stringify(event)) {
        throw new TypeError('outbox.enqueue: there are two contracts of this event; give the one that counts to createOutbox, in `events`.');
      }
      return known ?? event;
    },
  };
}
