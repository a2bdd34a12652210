import { checkMessage, createMessage, updateEntry } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { leaveOut, optionalEntries, orderNameIn } from './leave-out.ts';
import { submitReferral } from '../session/referral-events.ts';

const base = 'https://ehr.example.org/r4';
const subject = { reference: 'Patient/1' };
const { graph } = createMessage(
  submitReferral,
  {
    ServiceRequest: { resourceType: 'ServiceRequest', id: '1', status: 'active', intent: 'order', subject, insurance: [{ reference: 'Coverage/1' }], reasonReference: [{ reference: 'Condition/1' }, { reference: 'Condition/2' }] },
    Patient: { resourceType: 'Patient', id: '1' },
    Coverage: [{ resourceType: 'Coverage', id: '1', status: 'active', beneficiary: subject, payor: [{ reference: 'Organization/1' }] }],
    Organization: [{ resourceType: 'Organization', id: '1' }],
    Condition: [{ resourceType: 'Condition', id: '1', subject }, { resourceType: 'Condition', id: '2', subject }],
  },
  { source: 'https://app.example.org', destination: 'https://manager.example.org', base },
);

describe('leaveOut', () => {
  it('takes out the entry, what refers to it in the order, and what only it led to', () => {
    const less = leaveOut(graph, `${base}/Coverage/1`);

    expect(less.entries.slice(1).map(({ key }) => key)).toEqual(['ServiceRequest/1', 'Patient/1', 'Condition/1', 'Condition/2'].map((name) => `${base}/${name}`));
    expect(less.get('ServiceRequest/1')).not.toHaveProperty('insurance');
  });

  it('leaves a message that keeps its contract (event.unreferenced)', () => {
    for (const { key } of optionalEntries(graph)) expect(checkMessage(leaveOut(graph, key), { event: submitReferral })).toEqual([]);
  });

  it('keeps the other references of the same element', () => {
    expect(leaveOut(graph, `${base}/Condition/1`).get('ServiceRequest/1')?.reasonReference).toEqual([{ reference: 'Condition/2' }]);
  });

  it('takes it out of whatever else refers to it too: what is off the list is not sent', () => {
    const detail = { reference: 'Observation/1' };
    const told = createMessage(
      submitReferral,
      {
        ServiceRequest: { resourceType: 'ServiceRequest', id: '1', status: 'active', intent: 'order', subject, reasonReference: [{ reference: 'Condition/1' }], supportingInfo: [detail, { reference: 'QuestionnaireResponse/1' }] },
        Patient: { resourceType: 'Patient', id: '1' },
        Condition: [{ resourceType: 'Condition', id: '1', subject, stage: [{ type: { text: 'clinical' }, assessment: [detail] }], evidence: [{ detail: [detail] }] }],
        Observation: [{ resourceType: 'Observation', id: '1', status: 'final', code: {}, subject }],
        QuestionnaireResponse: [{ resourceType: 'QuestionnaireResponse', id: '1', status: 'completed' }],
      },
      { source: 'https://app.example.org', base },
    ).graph;
    const less = ['Observation/1', 'QuestionnaireResponse/1'].reduce((left, name) => leaveOut(left, `${base}/${name}`), told);

    expect(optionalEntries(less).map(({ key }) => key)).toEqual([`${base}/Condition/1`]);
    expect(createMessage(submitReferral, less, { source: 'https://app.example.org' }).graph.entries.slice(1).map(({ key }) => key)).toEqual(['ServiceRequest/1', 'Patient/1', 'Condition/1'].map((name) => `${base}/${name}`));
    expect(less.get('ServiceRequest/1')).not.toHaveProperty('supportingInfo');
    expect(less.get('Condition/1')).toEqual({ resourceType: 'Condition', id: '1', subject, stage: [{ type: { text: 'clinical' } }] });
  });
});

describe('optionalEntries', () => {
  it('is what the order does without: never its patient', () => {
    expect(optionalEntries(graph).map(({ key }) => key)).toEqual(['Condition/1', 'Condition/2', 'Coverage/1'].map((name) => `${base}/${name}`));
  });

  it.each([
    ['the order names otherwise too', 'Patient/1'],
    ['an insurance cannot be without', 'Organization/1'],
  ])('does not have what %s', (_, reference) => {
    const more = updateEntry(graph, 'ServiceRequest/1', (order) => {
      order.supportingInfo = [{ reference }];
    });

    expect(optionalEntries(more)).toEqual(optionalEntries(graph));
  });
});

describe('orderNameIn', () => {
  it('is the name that the graph knows the order by', () => {
    expect(orderNameIn(graph)).toBe('ServiceRequest/1');
  });
});
