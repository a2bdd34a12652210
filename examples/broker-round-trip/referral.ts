import { defineEvent } from '@fhir-messaging/core';
import type { EventContract } from '@fhir-messaging/core';

const table = {
  coding: { system: 'https://example.org/events', code: 'referral' },
  category: 'consequence',
  focus: ['ServiceRequest'],
  payload: { ServiceRequest: '1..1', Patient: '1..1' },
} as const;

/** What the app and the manager agree on. */
export const referral: EventContract<typeof table> = defineEvent(table);
