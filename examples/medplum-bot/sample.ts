import type { Patient, Practitioner, QuestionnaireResponse, ServiceRequest } from '@medplum/fhirtypes';

/** Who is referred; everybody here is made up. */
export const patient: Patient = { resourceType: 'Patient', id: 'p1', name: [{ given: ['Amy'], family: 'Shaw' }], generalPractitioner: [{ reference: 'Practitioner/n1' }] };

/** The order of the referral, on the server of the clinic that refers. */
export const order: ServiceRequest = {
  resourceType: 'ServiceRequest',
  id: 's1',
  status: 'active',
  intent: 'order',
  code: { text: 'Outpatient therapy' },
  subject: { reference: 'Patient/p1' },
  encounter: { reference: 'Encounter/e1' },
  requester: { reference: 'Practitioner/n1' },
};

const practitioner: Practitioner = { resourceType: 'Practitioner', id: 'n1', name: [{ given: ['Nadia'], family: 'Holm' }] };

const answers: QuestionnaireResponse = {
  resourceType: 'QuestionnaireResponse',
  id: 'q1',
  status: 'completed',
  basedOn: [{ reference: 'ServiceRequest/s1' }],
  subject: { reference: 'Patient/p1' },
  author: { reference: 'Practitioner/n1' },
  item: [{ linkId: 'reason', text: 'Why now?', answer: [{ valueString: 'Poor sleep since spring.' }] }],
};

/** All that the referral takes. */
export const referral = { ServiceRequest: order, Patient: patient, Practitioner: [practitioner], QuestionnaireResponse: [answers] };
