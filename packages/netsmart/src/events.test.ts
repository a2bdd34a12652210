import { adoptReply, checkMessage, createMessage, createReply, isMessagingError, missingScopes, payloadOf } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { messageEvents, submitServiceRequest, updateServiceRequest } from './events.ts';

const source = 'https://app.example.org';
const order = { resourceType: 'ServiceRequest', id: '5', status: 'active', intent: 'proposal', subject: { reference: 'Patient/1' } } as const;
const patient = { resourceType: 'Patient', id: '1' } as const;
const answers = { resourceType: 'QuestionnaireResponse' as const, id: 'q', status: 'completed' as const, basedOn: [{ reference: 'ServiceRequest/5' }] };
const optional = ['Condition', 'Coverage', 'Location', 'Observation', 'Organization', 'Practitioner', 'PractitionerRole', 'QuestionnaireResponse'];

/** What a payload is refused with. */
function refusal(payload: object, event: typeof submitServiceRequest = submitServiceRequest): string[] {
  try {
    createMessage(event, Object({ ServiceRequest: order, Patient: patient, ...payload }), { source });
  } catch (error) {
    if (isMessagingError(error)) return error.issues.filter(({ severity }) => severity === 'error').map(({ rule, expression }) => `${rule ?? ''} ${expression?.join() ?? ''}`.trim());
    throw error;
  }
  return [];
}

describe.each([
  ['submit-service-request', submitServiceRequest],
  ['update-service-request', updateServiceRequest],
])('%s', (code, event) => {
  it("is Netsmart's event, a consequence that is always answered", () => {
    expect(event).toMatchObject({ coding: { system: 'http://ntst.com/fhir/message-events', code }, category: 'consequence', reply: 'always', otherResources: false });
    expect(messageEvents).toBe('http://ntst.com/fhir/message-events');
  });

  it('has the cardinalities of the documentation', () => {
    expect(event.payload).toEqual({ ServiceRequest: '1..1', Patient: '1..1', ...Object.fromEntries(optional.map((type) => [type, '0..*'])) });
  });

  it.each([
    ['patient/Messaging.write', true],
    ['launch user/Messaging.* openid', true],
    ['system/*.*', true],
    ['system/Messaging.write', true],
    ['user/Messaging.read', false],
    ['openid', false],
  ])('may be sent with the scopes %s: %s', (granted, may) => {
    expect(missingScopes(granted, event).length === 0).toBe(may);
  });
});

describe('submitServiceRequest', () => {
  it('takes a referral and its patient', () => {
    const message = createMessage(submitServiceRequest, { ServiceRequest: order, Patient: patient }, { source });

    expect(message.graph.focus).toEqual([message.graph.all('ServiceRequest')[0]]);
    expect(payloadOf(submitServiceRequest, message.graph).Patient).toEqual(patient);
  });

  it('lists a QuestionnaireResponse in focus, since nothing else refers to it (focus.missing, event.unreferenced)', () => {
    const { graph } = createMessage(submitServiceRequest, { ServiceRequest: order, Patient: patient, QuestionnaireResponse: [answers] }, { source });

    expect(graph.focus.map(({ resourceType }) => resourceType)).toEqual(['ServiceRequest', 'QuestionnaireResponse']);
    expect(checkMessage(graph, { event: submitServiceRequest }).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it.each(optional.slice(0, -1))('refuses a %s that no other resource refers to (event.unreferenced)', (type) => {
    expect(refusal({ [type]: [{ resourceType: type, id: '9' }] })).toEqual(['event.unreferenced Bundle.entry[3].resource']);
    expect(refusal({ ServiceRequest: { ...order, supportingInfo: [{ reference: `${type}/9` }] }, [type]: [{ resourceType: type, id: '9' }] })).toEqual([]);
  });

  it.each([
    ['no patient', { Patient: undefined }, ['reference.unresolved Bundle.entry[1].resource.subject', 'payload.min Bundle.entry']],
    ['a patient that the referral is not about', { ServiceRequest: { ...order, subject: { display: 'x' } } }, ['event.unreferenced Bundle.entry[2].resource', 'netsmart.patient Bundle.entry[1].resource.subject']],
    ['another type', { Device: { resourceType: 'Device' } }, ['payload.type Bundle.entry[3].resource', 'event.unreferenced Bundle.entry[3].resource']],
  ])('refuses %s', (_says, payload, rules) => {
    expect(refusal(payload)).toEqual(rules);
  });
});

describe('updateServiceRequest', () => {
  it('refuses a referral that the server has not named (netsmart.update-target)', () => {
    expect(refusal({}, updateServiceRequest)).toEqual(['netsmart.update-target Bundle.entry[1].fullUrl']);
  });

  it('takes what adoptReply gives', () => {
    const submitted = createMessage(submitServiceRequest, { ServiceRequest: order, Patient: patient }, { source });
    const reply = createReply(submitted, { source, base: 'https://fhir.example.org/v4', focus: [{ ...order, id: '123456', subject: { reference: 'Patient/987' } }], include: [{ ...patient, id: '987' }] });

    const { bundle } = createMessage(updateServiceRequest, adoptReply(submitted, reply).graph, { source });

    expect(bundle.entry?.map(({ fullUrl }) => fullUrl).slice(1)).toEqual(['https://fhir.example.org/v4/ServiceRequest/123456', 'https://fhir.example.org/v4/Patient/987']);
  });
});
