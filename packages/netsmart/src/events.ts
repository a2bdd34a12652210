import { defineEvent } from '@fhir-messaging/core';
import type { EventContract, EventTable } from '@fhir-messaging/core';
import { isAboutItsPatient } from './is-about-its-patient.ts';
import { refersToSubmittedReferral } from './refers-to-submitted-referral.ts';

/** The system of every event that Netsmart defines. */
export const messageEvents = 'http://ntst.com/fhir/message-events';

const payload = {
  ServiceRequest: '1..1',
  Patient: '1..1',
  Condition: '0..*',
  Coverage: '0..*',
  Location: '0..*',
  Observation: '0..*',
  Organization: '0..*',
  Practitioner: '0..*',
  PractitionerRole: '0..*',
  QuestionnaireResponse: '0..*',
} as const;

/** The contract that both events share: all but their name. */
export interface ServiceRequestTable extends EventTable {
  readonly focus: readonly ('ServiceRequest' | 'QuestionnaireResponse')[];
  readonly payload: typeof payload;
}

const shared: ServiceRequestTable = {
  category: 'consequence',
  focus: ['ServiceRequest', 'QuestionnaireResponse'],
  payload,
  everyResourceReferenced: true,
  revinclude: ['QuestionnaireResponse:based-on'],
  scopes: ['patient/Messaging.write', 'user/Messaging.write', 'system/Messaging.write'],
  reply: 'always',
  rules: [isAboutItsPatient],
};

/**
 * Opens a referral in Referral Manager: one ServiceRequest, its Patient, and the resources that they refer to, which may be about no other patient.
 *
 * Every resource has to be referred to by another one; a QuestionnaireResponse is in focus, since nothing else refers to it.
 *
 * @example createMessage(submitServiceRequest, { ServiceRequest: order, Patient: patient }, { source, base })
 */
export const submitServiceRequest: EventContract<ServiceRequestTable> = defineEvent<ServiceRequestTable>({
  ...shared,
  coding: { system: messageEvents, code: 'submit-service-request' },
});

/**
 * Changes a referral that was submitted. It carries complete data, and names the referral by the id from the reply to its submission: take the
 * graph from `adoptReply`.
 *
 * @example createMessage(updateServiceRequest, updateEntry(adopted.graph, key, recipe), { source })
 */
export const updateServiceRequest: EventContract<ServiceRequestTable> = defineEvent<ServiceRequestTable>({
  ...shared,
  coding: { system: messageEvents, code: 'update-service-request' },
  rules: [isAboutItsPatient, refersToSubmittedReferral],
});
