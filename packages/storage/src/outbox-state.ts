import type { OutboxState } from '@fhir-messaging/core';

/** The states that an entry may be in: every one, or it does not compile. */
export const outboxStates: Readonly<Record<OutboxState, true>> = {
  waiting: true,
  pending: true,
  sending: true,
  accepted: true,
  overdue: true,
  replied: true,
  rejected: true,
  uncertain: true,
  blocked: true,
  dead: true,
};

/** Whether something is one of them. */
export function isOutboxState(value: unknown): value is OutboxState {
  return typeof value === 'string' && Object.hasOwn(outboxStates, value);
}
