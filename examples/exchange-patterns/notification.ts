import { defineEvent } from '@fhir-messaging/core';
import type { Handler } from '@fhir-messaging/receiver';

/** A patient was discharged. Nobody needs to hear that this was heard: an acknowledgement by status will do, errors are told. */
export const discharged = defineEvent({
  coding: { system: 'https://example.org/events', code: 'discharged' },
  category: 'notification',
  focus: ['Patient'],
  payload: { Patient: '1..1', Encounter: '0..1' },
  reply: 'on-error',
});

/** Keeps what is of interest here, and says nothing. */
export function keepDischarged(kept: string[]): Handler<typeof discharged, undefined, unknown> {
  return ({ payload }) => {
    kept.push(payload.Patient.id ?? 'unnamed');
  };
}
