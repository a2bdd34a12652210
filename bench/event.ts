import { defineEvent } from '@fhir-messaging/core';
import type { EventContract } from '@fhir-messaging/core';
import { eventCoding } from './inputs.ts';

const table = {
  coding: eventCoding,
  category: 'consequence',
  focus: ['ServiceRequest', 'QuestionnaireResponse'],
  payload: {
    ServiceRequest: '1..*',
    Patient: '1..*',
    Location: '1..*',
    Organization: '1..*',
    Practitioner: '1..*',
    PractitionerRole: '1..*',
    QuestionnaireResponse: '1..*',
  },
  everyResourceReferenced: true,
} as const;

/** Netsmart's contract for a referral, but for any number of them in one message. */
export const event: EventContract<typeof table> = defineEvent(table);
