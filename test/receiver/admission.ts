import { defineEvent } from '@fhir-messaging/core';
import type { EventContract } from '@fhir-messaging/core';

export const source = 'https://manager.example.org/r4';

const table = { coding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } } as const;

/** The event of these tests. */
export const admit: EventContract<typeof table> = defineEvent(table);

/** So short that what a killed process held is free again at once. */
export const leaseMs = 60;
