import { defineEvent } from '@fhir-messaging/core';
import type { EventContract } from '@fhir-messaging/core';
import type { Handler } from '@fhir-messaging/receiver';

const resultsOfTable = {
  coding: { system: 'https://example.org/events', code: 'results-of' },
  category: 'currency',
  focus: ['Parameters'],
  payload: { Parameters: '1..1' },
} as const;

/** Which results are there for a patient? An answer has to be current, so a repeated question is answered anew. */
export const resultsOf: EventContract<typeof resultsOfTable> = defineEvent(resultsOfTable);

/** The answer: a searchset, in focus. */
export const answerResultsOf: Handler<typeof resultsOf, undefined, unknown> = ({ payload }) => {
  const patient = payload.Parameters.parameter?.find(({ name }) => name === 'patient')?.valueString ?? '';
  const found = { resourceType: 'Observation', id: '1', status: 'final', code: { text: 'Haemoglobin' }, subject: { reference: `Patient/${patient}` } };
  return { focus: [{ resourceType: 'Bundle', type: 'searchset', total: 1, entry: [{ resource: found }] }] };
};
