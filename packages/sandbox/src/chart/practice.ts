import type { Resource } from '@medplum/fhirtypes';

/** The referring clinic and the people who work there. Everybody here is made up. */
export const practice: readonly Resource[] = [
  {
    resourceType: 'Organization',
    id: 'river-clinic',
    identifier: [{ system: 'https://sandbox.example.org/organizations', value: 'O-100' }],
    active: true,
    type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'prov', display: 'Healthcare Provider' }] }],
    name: 'River Street Clinic',
    telecom: [{ system: 'phone', value: '555-0100' }],
    address: [{ line: ['1 River Street'], city: 'Springfield', state: 'MO', postalCode: '65803', country: 'US' }],
  },
  {
    resourceType: 'Organization',
    id: 'harbor-behavioral',
    identifier: [{ system: 'https://sandbox.example.org/organizations', value: 'O-200' }],
    active: true,
    name: 'Harbor Behavioral Health',
    telecom: [{ system: 'phone', value: '555-0200' }],
    address: [{ line: ['20 Harbor Road'], city: 'Springfield', state: 'MO', postalCode: '65806', country: 'US' }],
  },
  {
    resourceType: 'Organization',
    id: 'meadow-health-plan',
    identifier: [{ system: 'https://sandbox.example.org/organizations', value: 'O-300' }],
    active: true,
    type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'pay', display: 'Payer' }] }],
    name: 'Meadow Health Plan',
  },
  {
    resourceType: 'Location',
    id: 'harbor-intake',
    status: 'active',
    name: 'Harbor Behavioral Health, intake',
    mode: 'instance',
    telecom: [{ system: 'phone', value: '555-0201' }],
    address: { line: ['20 Harbor Road'], city: 'Springfield', state: 'MO', postalCode: '65806', country: 'US' },
    managingOrganization: { reference: 'Organization/harbor-behavioral' },
  },
  ...practitioner('nadia-holm', 'Nadia', 'Holm', 'MD', 'river-clinic', 'Family medicine'),
  ...practitioner('joel-park', 'Joel', 'Park', 'NP', 'river-clinic', 'Primary care'),
  ...practitioner('iris-moreau', 'Iris', 'Moreau', 'PhD', 'harbor-behavioral', 'Behavioral health intake'),
];

function practitioner(id: string, given: string, family: string, suffix: string, organization: string, role: string): readonly Resource[] {
  return [
    {
      resourceType: 'Practitioner',
      id,
      identifier: [{ system: 'https://sandbox.example.org/practitioners', value: id }],
      active: true,
      name: [{ text: `${given} ${family}, ${suffix}`, given: [given], family, suffix: [suffix] }],
      telecom: [{ system: 'email', value: `${id}@sandbox.example.org` }],
    },
    {
      resourceType: 'PractitionerRole',
      id: `${id}-role`,
      active: true,
      practitioner: { reference: `Practitioner/${id}`, display: `${given} ${family}` },
      organization: { reference: `Organization/${organization}` },
      code: [{ text: role }],
    },
  ];
}
