import { checkMessage, createMessage, defineEvent } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { submitReferral, updateReferral } from './referral-events.ts';

const base = 'https://ehr.example.org/r4';
const subject = { reference: 'Patient/1' };

describe.each([
  ['submitReferral', submitReferral],
  ['updateReferral', updateReferral],
])('%s', (_, event) => {
  /** The rules that a referral breaks. */
  const broken = (consent: boolean, conditionOf: string): readonly unknown[] => {
    const { graph } = createMessage(
      defineEvent({ ...event.table, rules: undefined }),
      {
        ServiceRequest: { resourceType: 'ServiceRequest', id: '1', status: 'active', intent: 'order', subject, reasonReference: [{ reference: 'Condition/1' }], supportingInfo: [{ reference: 'QuestionnaireResponse/1' }] },
        Patient: { resourceType: 'Patient', id: '1' },
        Condition: [{ resourceType: 'Condition', id: '1', subject: { reference: conditionOf } }],
        QuestionnaireResponse: [{ resourceType: 'QuestionnaireResponse', id: '1', status: 'completed', subject, item: [{ linkId: 'consent', answer: [{ valueBoolean: consent }] }] }],
      },
      { source: 'https://app.example.org', destination: 'https://manager.example.org', base },
    );
    return checkMessage(graph, { event }).map(({ rule }) => rule);
  };

  it('takes a referral that the patient agreed to', () => {
    expect(broken(true, 'Patient/1')).toEqual([]);
  });

  it('asks for the agreement (clinic.consent)', () => {
    expect(broken(false, 'Patient/1')).toEqual(['clinic.consent']);
  });

  it('keeps the rules of Netsmart: everything in a referral is about its patient (netsmart.patient)', () => {
    expect(broken(true, 'Patient/2')).toContain('netsmart.patient');
  });
});
