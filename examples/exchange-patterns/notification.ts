import { defineEvent } from '@fhir-messaging/core';
import type { EventContract } from '@fhir-messaging/core';
import type { Handler } from '@fhir-messaging/receiver';

const dischargedTable = {
  coding: { system: 'https://example.org/events', code: 'discharged' },
  category: 'notification',
  focus: ['Patient'],
  payload: { Patient: '1..1', Encounter: '0..1' },
  reply: 'on-error',
} as const;

/** A patient was discharged. Nobody needs to hear that this was heard: an acknowledgement by status will do, errors are told. */
export const discharged: EventContract<typeof dischargedTable> = defineEvent(dischargedTable);

/** Keeps what is of interest here, and says nothing. */
export function keepDischarged(kept: string[]): Handler<typeof discharged, undefined, unknown> {
  return ({ payload }) => {
    kept.push(payload.Patient.id ?? 'unnamed');
  };
}
