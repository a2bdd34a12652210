import { isSameEvent } from '@fhir-messaging/core';
import type { AnyEvent } from '@fhir-messaging/core';

/** The contracts by which an outbox reads what it stored, and writes what follows another message. */
export interface KnownEvents {
  /** Those that it was given. */
  readonly given: readonly AnyEvent[];
  /** Those, then those that messages came with: a message that came without a contract is none of these. */
  readonly events: readonly AnyEvent[];
  /** Remembers the contract of a message. @throws {TypeError} where messages came with another contract of that event, and none was given. */
  readonly learn: (event: AnyEvent) => void;
}

/** The contracts that were given, which count before those that messages come with. */
export function knownEvents(given: readonly AnyEvent[]): KnownEvents {
  const events = [...given];
  return {
    given,
    events,
    learn(event) {
      const known = events.find((other) => isSameEvent(other, event));
      if (known === undefined) events.push(event);
      // The stored message names its event alone: read with the other contract it could be of another category, and be sent again.
      else if (!given.includes(known) && JSON.stringify(known) !== JSON.stringify(event)) {
        throw new TypeError('outbox.enqueue: there are two contracts of this event; give the one that counts to createOutbox, in `events`.');
      }
    },
  };
}
