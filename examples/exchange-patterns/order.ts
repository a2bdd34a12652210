import { defineEvent } from '@fhir-messaging/core';
import type { EventContract } from '@fhir-messaging/core';
import type { Handler } from '@fhir-messaging/receiver';

const orderTable = {
  coding: { system: 'https://example.org/events', code: 'order' },
  category: 'consequence',
  focus: ['ServiceRequest'],
  payload: { ServiceRequest: '1..1' },
} as const;

/** An examination is ordered. Its result takes a while, so it is sent with `async`. */
export const order: EventContract<typeof orderTable> = defineEvent(orderTable);

const orderStatusTable = {
  coding: { system: 'https://example.org/events', code: 'order-status' },
  category: 'currency',
  focus: ['Parameters'],
  payload: { Parameters: '1..1' },
} as const;

/** How far is it? Answered at once. */
export const orderStatus: EventContract<typeof orderStatusTable> = defineEvent(orderStatusTable);

/** The examinations of a laboratory. */
export interface Examinations {
  readonly examine: Handler<typeof order, undefined, unknown>;
  readonly tellStatus: Handler<typeof orderStatus, undefined, unknown>;
  /** The machine is done with everything. */
  finish(): void;
}

/** Examines what is ordered, and knows by the ids of the orders what is not done yet. */
export function examinations(): Examinations {
  const underWay = new Map<string, () => void>();
  return {
    async examine({ message, payload }) {
      const id = message.identity.message ?? '';
      await new Promise<void>((resolve) => underWay.set(id, resolve));
      underWay.delete(id);
      return { focus: [{ resourceType: 'DiagnosticReport', status: 'final', code: payload.ServiceRequest.code ?? { text: 'unknown' } }] };
    },
    tellStatus({ payload }) {
      const id = payload.Parameters.parameter?.find(({ name }) => name === 'order')?.valueString ?? '';
      return { focus: [{ resourceType: 'Parameters', parameter: [{ name: 'status', valueCode: underWay.has(id) ? 'in-progress' : 'unknown' }] }] };
    },
    finish() {
      underWay.forEach((done) => {
        done();
      });
    },
  };
}
