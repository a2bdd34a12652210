import { createMessage, graphOf } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { submitServiceRequest, updateServiceRequest } from './events.ts';
import { isAboutItsPatient } from './is-about-its-patient.ts';

const base = 'https://ehr.example.org/fhir';
const patient = { resourceType: 'Patient', id: '1' } as const;

interface Holder {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

/** What the rule says of a referral whose Condition, or what else is given, is about a subject. */
function findings(subject: object, holder: Holder = { resourceType: 'Condition', id: 'c', subject }, ownId: string = patient.id): readonly unknown[] {
  const order = { resourceType: 'ServiceRequest', id: 's', subject: { reference: 'Patient/1' } };
  const entry = [{ resourceType: 'MessageHeader', id: 'h' }, order, patient, holder].map((resource) => ({ fullUrl: `${base}/${resource.resourceType}/${resource.id}`, resource: resource === patient ? { ...patient, id: ownId } : resource }));
  return isAboutItsPatient(graphOf({ resourceType: 'Bundle', entry }));
}

/** A Condition about the Patient that contains Parameters with one in them, a Device, and a Patient. */
const containing = (parameter: object): Holder => {
  const contained = [{ resourceType: 'Parameters', id: 'a', parameter: [parameter] }, { resourceType: 'Device', id: 'd' }, { resourceType: 'Patient', id: 'p' }];
  return { resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/1' }, contained };
};

const refused = (path = 'subject'): unknown => [
  {
    severity: 'error',
    code: 'conflict',
    rule: 'netsmart.patient',
    expression: [`Bundle.entry[3].resource.${path}`],
    diagnostics: "This is not for certain about the message's Patient: refer to the entry that holds it.",
  },
];

describe('isAboutItsPatient', () => {
  it.each([
    ['another patient of the same server', { reference: 'Patient/2' }],
    ['another patient by an absolute URL', { reference: `${base}/Patient/2` }],
    ['a version of another patient', { reference: 'Patient/2/_history/1' }],
    ["another server's patient", { reference: 'https://other.example.org/fhir/Patient/2' }],
    ['nobody here', { reference: 'urn:uuid:00000000-0000-4000-8000-000000000009' }],
    ['a patient that a query names', { reference: 'Patient?identifier=urn:mrn|4711' }],
    ['another patient under a URL that has the same id in it', { reference: 'https://other.example.org/Patient/1/fhir/Patient/2' }],
    ['what is outside the message and is a Patient by its type', { reference: 'https://other.example.org/patients/2', type: 'Patient' }],
    ['what is outside the message and is a Patient by the URL of its type', { reference: 'https://other.example.org/patients/2', type: 'http://hl7.org/fhir/StructureDefinition/Patient' }],
  ])('refuses what is about %s (netsmart.patient)', (_, subject) => {
    expect(findings(subject)).toEqual(refused());
  });

  it.each([
    ["the message's Patient", { reference: 'Patient/1' }],
    ["the message's Patient by its URL", { reference: `${base}/Patient/1` }],
    ["another server's patient of the same id, of which another rule warns", { reference: 'https://other.example.org/fhir/Patient/1' }],
    ['a group', { reference: 'Group/2' }],
    ['somebody whom only a number names', { identifier: { system: 'urn:mrn', value: '4711' } }],
    ['somebody who is only described', { display: 'A patient' }],
  ])('lets pass what is about %s (netsmart.patient)', (_, subject) => {
    expect(findings(subject)).toEqual([]);
  });

  it.each([
    ['nobody', undefined],
    ['a group', { reference: 'Group/2' }],
    ['somebody related', { reference: 'RelatedPerson/2' }],
    ['a condition of the message', { reference: 'Condition/c' }],
    ["another server's patient of the same id", { reference: 'https://other.example.org/fhir/Patient/1' }],
    ['somebody whom an identifier alone names', { identifier: { system: 'urn:mrn', value: '4711' } }],
    ['somebody who is only described', { display: 'A patient' }],
  ])('refuses a referral that is itself about %s: its subject leads to the Patient (netsmart.patient)', (_, subject) => {
    const order = { resourceType: 'ServiceRequest', id: 's', reasonReference: [{ reference: 'Condition/c' }], ...(subject && { subject }) };
    const entry = [{ resourceType: 'MessageHeader', id: 'h' }, patient, { resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/1' } }, order].map((resource) => ({ fullUrl: `${base}/${resource.resourceType}/${resource.id}`, resource }));

    expect(isAboutItsPatient(graphOf({ resourceType: 'Bundle', entry }))).toEqual(refused());
  });

  const mrn = 'urn:oid:1.2.3';
  const known = { ...patient, identifier: [{ system: mrn, value: 'A' }, { system: mrn, value: 'B' }, { value: 'C' }] };
  const saidOf = (subject: object): readonly unknown[] => {
    const contained = [{ resourceType: 'Specimen', id: 's', subject }];
    const entry = [{ resourceType: 'MessageHeader', id: 'h' }, known, { resourceType: 'Condition', id: 'c', subject, contained }].map((resource) => ({ fullUrl: `${base}/${resource.resourceType}/${resource.id}`, resource }));
    return isAboutItsPatient(graphOf({ resourceType: 'Bundle', entry })).map(({ expression }) => expression?.[0]);
  };

  it('refuses whom an identifier alone names, in a system in which the Patient has others only (netsmart.patient)', () => {
    expect(saidOf({ identifier: { system: mrn, value: 'X' } })).toEqual(['Bundle.entry[2].resource.subject', 'Bundle.entry[2].resource.contained[0].subject']);
  });

  it('refuses such a one also where an extension says why there is no literal (netsmart.patient)', () => {
    const _reference = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] };

    expect(saidOf({ identifier: { system: mrn, value: 'X' }, _reference })).toHaveLength(2);
    expect(saidOf({ identifier: { system: mrn, value: 'A' }, _reference })).toEqual([]);
  });

  it.each([
    ["one of the Patient's", { system: mrn, value: 'B' }],
    ['of a system in which the Patient has none', { system: 'urn:oid:4.5.6', value: 'X' }],
    ['without a system', { value: 'X' }],
    ['without a value', { system: mrn }],
  ])('lets pass an identifier that is %s (netsmart.patient)', (_, identifier) => {
    expect(saidOf({ identifier })).toEqual([]);
  });

  it('leaves an identifier beside a reference to who reads the record: resources would be copied for it', () => {
    expect(saidOf({ reference: 'Patient/1', identifier: { system: mrn, value: 'X' } })).toEqual([]);
  });

  it.each([
    ['a Coverage by its beneficiary', { resourceType: 'Coverage', id: 'v', beneficiary: { reference: 'Patient/2' }, subscriber: { reference: 'Patient/3' } }, 'beneficiary'],
    ['a contained resource', { resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/1' }, contained: [{ resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/2' } }] }, 'contained[0].subject'],
    ['a contained resource that says so by its patient', { resourceType: 'ServiceRequest', id: 's2', subject: { reference: 'Patient/1' }, contained: [{ resourceType: 'AllergyIntolerance', id: 'a', patient: { reference: `${base}/Patient/2` } }] }, 'contained[0].patient'],
    ['a resource in contained Parameters', containing({ name: 'a', resource: { resourceType: 'Observation', subject: { reference: 'Patient/2' } } }), 'contained[0].parameter[0].resource.subject'],
    ['one in a part of them', containing({ name: 'a', part: [{ name: 'b', resource: { resourceType: 'Flag', subject: { reference: 'Patient/2' } } }] }), 'contained[0].parameter[0].part[0].resource.subject'],
    ['one that is there about a patient whom it contains', containing({ name: 'a', resource: { resourceType: 'Flag', contained: [{ resourceType: 'Patient', id: 'd' }], subject: { reference: '#d' } } }), 'contained[0].parameter[0].resource.subject'],
    ['what that contains', containing({ name: 'a', resource: { resourceType: 'Flag', contained: [{ resourceType: 'Specimen', id: 'd', subject: { reference: 'Patient/2' } }] } }), 'contained[0].parameter[0].resource.contained[0].subject'],
  ])('looks at %s, not at who else is named', (_, holder, path) => {
    expect(findings({}, holder)).toEqual(refused(path));
  });

  it('refuses a subject that is contained: nobody can tell who it is (netsmart.patient)', () => {
    expect(findings({}, { resourceType: 'Condition', id: 'c', contained: [{ resourceType: 'Patient', id: 'p' }], subject: { reference: '#p' } })).toEqual(refused());
  });

  it("takes the Patient's fullUrl for its id, and not what the resource says beside it (netsmart.patient)", () => {
    expect(findings({ reference: 'https://other.example.org/fhir/Patient/777' }, undefined, '777')).toEqual(refused());
    expect(findings({ reference: 'https://other.example.org/fhir/Patient/1' }, undefined, '777')).toEqual([]);
  });

  it('refuses a patient that a query names, also where the Patient has no id yet (netsmart.patient)', () => {
    const urn = 'urn:uuid:00000000-0000-4000-8000-000000000001';
    const entry = [
      { fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000000', resource: { resourceType: 'MessageHeader' } },
      { fullUrl: urn, resource: { resourceType: 'Patient' } },
      { fullUrl: `${base}/Condition/c`, resource: { resourceType: 'Condition', id: 'c', subject: { reference: `${base}/Patient?identifier=x|88` } } },
      { fullUrl: `${base}/Condition/d`, resource: { resourceType: 'Condition', id: 'd', subject: { reference: urn } } },
    ];

    expect(isAboutItsPatient(graphOf({ resourceType: 'Bundle', entry }))).toMatchObject([{ rule: 'netsmart.patient', expression: ['Bundle.entry[2].resource.subject'] }]);
  });

  it('leaves a message without a Patient to its contract (payload.min)', () => {
    const entry = [{ resource: { resourceType: 'MessageHeader' } }, { resource: { resourceType: 'Condition', subject: { reference: 'Patient/2' } } }];

    expect(isAboutItsPatient(graphOf({ resourceType: 'Bundle', entry }))).toEqual([]);
  });

  it('lets pass what is about a contained resource that is no Patient (netsmart.patient)', () => {
    expect(findings({}, { resourceType: 'Observation', id: 'o', contained: [{ resourceType: 'Device', id: 'd' }], subject: { reference: '#d' } })).toEqual([]);
    expect(findings({}, containing({ name: 'a', resource: { resourceType: 'Observation', contained: [{ resourceType: 'Device', id: 'p' }], subject: { reference: '#p' } } }))).toEqual([]);
  });
});

describe.each([
  ['submit', submitServiceRequest],
  ['update', updateServiceRequest],
])('a message to %s a referral', (_, event) => {
  const create = (reference: string): unknown =>
    createMessage(
      event,
      {
        ServiceRequest: { resourceType: 'ServiceRequest', id: 's', status: 'active', intent: 'order', subject: { reference: 'Patient/1' }, reasonReference: [{ reference: 'Condition/c' }] },
        Patient: patient,
        Condition: [{ resourceType: 'Condition', id: 'c', subject: { reference } }],
      },
      { source: 'https://app.example.org', base },
    );

  it("is not created where it holds something of another person's (netsmart.patient)", () => {
    expect(() => create('Patient/2')).toThrow(expect.objectContaining({ code: 'message.invalid', issues: expect.arrayContaining([expect.objectContaining({ rule: 'netsmart.patient', severity: 'error' })]) }));
    expect(() => create('Patient/1')).not.toThrow();
  });
});
