import { createMessage, MessagingError } from '@fhir-messaging/core';
import type { Delivery, Resource, SubmissionState } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { actionsFor } from './delivery-actions.ts';
import { submitReferral } from '../session/referral-events.ts';

const order = { resourceType: 'ServiceRequest', id: '1', status: 'active', intent: 'order', subject: { reference: 'Patient/1' } } as const;
const message = createMessage(submitReferral, { ServiceRequest: order, Patient: { resourceType: 'Patient', id: '1' } }, { source: 'https://app.example.org' });
const failed = (delivery: Delivery) => ({ kind: 'failed', message, error: new MessagingError('transport.failed', 'Gone.', { delivery }), delivery }) as const;
const unchanged = { what: 'referral', canSend: true, isChanged: false } as const;
const doneBy = (state: SubmissionState<unknown, Resource>, setting: Parameters<typeof actionsFor>[1] = unchanged): readonly string[] => actionsFor(state, setting).map(({ does }) => does);

describe('actionsFor', () => {
  it('sends what was never sent, and what surely did not arrive', () => {
    expect(doneBy({ kind: 'idle' })).toEqual(['submit']);
    expect(doneBy(failed('no'))).toEqual(['submit']);
  });

  it('offers the same one again where it may have arrived, and another only where it was changed', () => {
    for (const delivery of ['unknown', 'yes'] as const) {
      expect(doneBy(failed(delivery))).toEqual(['resend']);
      expect(doneBy(failed(delivery), { ...unchanged, isChanged: true })).toEqual(['resend', 'submit']);
    }
  });

  it('while it is on its way, only stops it', () => {
    expect(doneBy({ kind: 'sending', message, attempt: 1, waitingUntilMs: undefined })).toEqual(['nothing', 'abort']);
  });

  it('asked whether to send both: the safe answer first, the one that may make two last', () => {
    expect(doneBy({ kind: 'mayHaveArrived', message, earlier: failed('unknown') })).toEqual(['resend', 'dismiss', 'submitAnyway']);
  });

  it('sends no change where nothing was changed', () => {
    expect(doneBy({ kind: 'idle' }, { what: 'change', canSend: false, isChanged: false })).toEqual(['nothing']);
  });
});
