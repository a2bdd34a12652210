import { createMessage, defineEvent } from '@fhir-messaging/core';
import type { EventContract, Message } from '@fhir-messaging/core';

const table = { coding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } } as const;

/** Has consequences: it is never to be processed twice. */
export const admit: EventContract<typeof table> = defineEvent(table);

/** A message of it; its patient's id is told. */
export function admission(id: string = crypto.randomUUID()): Message {
  return createMessage(admit, { Patient: { resourceType: 'Patient', id } }, { source: 'https://app.example.org' });
}
