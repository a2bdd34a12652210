import type { ServiceRequest } from 'fhir/r4';

/** The codes of `ServiceRequest.priority`, the least urgent first. */
export const urgencies = ['routine', 'asap', 'urgent', 'stat'] as const;

const words = { routine: 'Routine', asap: 'Soon', urgent: 'Urgent', stat: 'At once' } as const;

/** How urgent an order is, in words. */
export function urgencyInWords(priority: ServiceRequest['priority']): string {
  return words[priority ?? 'routine'];
}

/** Whether a value is one of the codes. */
export function isUrgency(value: unknown): value is (typeof urgencies)[number] {
  return urgencies.some((urgency) => urgency === value);
}
