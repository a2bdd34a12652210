/** The reference to a patient, and what is about it. */
const subject = { reference: 'Patient/1' };

export const patient = { resourceType: 'Patient', id: '1', name: [{ family: 'MILLER' }], identifier: [{ system: 'https://example.org/mrn', value: '77' }] } as const;
export const practitioner = { resourceType: 'Practitioner', id: 'who' } as const;
export const organization = { resourceType: 'Organization', id: 'clinic', name: 'Clinic' } as const;
export const role = { resourceType: 'PractitionerRole', id: 'role', practitioner: { reference: 'Practitioner/who' }, organization: { reference: 'Organization/clinic' } } as const;

export const observation = (id: string, more: object = {}): object => ({ resourceType: 'Observation', id, status: 'final', code: { text: 'x' }, subject, ...more });

export const order = (more: object = {}): object => ({ resourceType: 'ServiceRequest', id: '123', status: 'active', intent: 'order', code: { text: 'x' }, subject, requester: { reference: 'PractitionerRole/role' }, ...more });

export const answers = { resourceType: 'QuestionnaireResponse', id: 'answers', status: 'completed', basedOn: [{ reference: 'ServiceRequest/123' }], subject } as const;

/** An order and a number of resources around it, three references deep. */
export const recordOf = (count: number): readonly object[] => {
  const observations = Array.from({ length: count }, (_, index) => observation(`o${index}`, { performer: [{ reference: 'PractitionerRole/role' }] }));
  return [patient, practitioner, organization, role, answers, ...observations, order({ supportingInfo: observations.map((_, index) => ({ reference: `Observation/o${index}` })) })];
};
