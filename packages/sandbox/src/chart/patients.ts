import type { Resource } from '@medplum/fhirtypes';
import { referralNeeds } from './referral-needs.ts';

/** The patients, and the resources that a referral of each needs. Everybody here is made up. */
export const patients: readonly Resource[] = [
  ...patient({ id: 'amy-shaw', given: 'Amy', family: 'Shaw', gender: 'female', birthDate: '1987-04-12', street: '14 Elm Street' }),
  ...referralNeeds({
    patient: 'amy-shaw',
    order: 'Outpatient therapy, anxiety',
    condition: { code: 'F41.1', display: 'Generalized anxiety disorder' },
    score: { code: '69737-5', display: 'GAD-7 total score', value: 14 },
    answers: ['Worries on most days, poor sleep since spring.', 'Weekday mornings'],
  }),
  ...patient({ id: 'ben-okafor', given: 'Ben', family: 'Okafor', gender: 'male', birthDate: '1969-11-30', street: '8 Station Road' }),
  ...referralNeeds({
    patient: 'ben-okafor',
    order: 'Substance use assessment',
    condition: { code: 'F10.20', display: 'Alcohol dependence, uncomplicated' },
    score: { code: '75626-2', display: 'Total score AUDIT', value: 19 },
    answers: ['Asks for help after a fall at home.', 'Any day after 4 pm'],
  }),
  ...patient({ id: 'clara-lind', given: 'Clara', family: 'Lind', gender: 'female', birthDate: '2009-07-03', street: '3 Orchard Lane' }),
  ...referralNeeds({
    patient: 'clara-lind',
    order: 'Child and adolescent psychiatry, evaluation',
    condition: { code: 'F32.1', display: 'Major depressive disorder, single episode, moderate' },
    score: { code: '89204-2', display: 'PHQ-9 modified for teens total score', value: 16 },
    answers: ['School counselor suggested the evaluation.', 'Afternoons, with a parent'],
  }),
];

interface Person {
  readonly id: string;
  readonly given: string;
  readonly family: string;
  readonly gender: 'female' | 'male';
  readonly birthDate: string;
  readonly street: string;
}

function patient({ id, given, family, gender, birthDate, street }: Person): readonly Resource[] {
  return [
    {
      resourceType: 'Patient',
      id,
      identifier: [{ system: 'https://sandbox.example.org/patients', value: id }],
      active: true,
      name: [{ use: 'official', text: `${given} ${family}`, given: [given], family }],
      telecom: [{ system: 'phone', value: '555-0142', use: 'home' }],
      gender,
      birthDate,
      address: [{ use: 'home', line: [street], city: 'Springfield', state: 'MO', postalCode: '65803', country: 'US' }],
      generalPractitioner: [{ reference: 'Practitioner/nadia-holm', display: 'Nadia Holm' }],
    },
    {
      resourceType: 'Encounter',
      id: `${id}-visit`,
      status: 'in-progress',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
      subject: { reference: `Patient/${id}` },
      participant: [{ individual: { reference: 'Practitioner/nadia-holm' } }],
      serviceProvider: { reference: 'Organization/river-clinic' },
    },
  ];
}
