import type { Resource } from '@medplum/fhirtypes';

/** The parts in which the patients' referrals differ. */
export interface ReferralNeeds {
  /** The id of the Patient. */
  readonly patient: string;
  readonly order: string;
  readonly condition: { readonly code: string; readonly display: string };
  readonly score: { readonly code: string; readonly display: string; readonly value: number };
  readonly answers: readonly [reason: string, times: string];
}

const questionnaireId = 'referral-intake';

/** The questionnaire of every referral. */
export const questionnaire: Resource = {
  resourceType: 'Questionnaire',
  id: questionnaireId,
  url: 'https://sandbox.example.org/Questionnaire/referral-intake',
  status: 'active',
  title: 'Referral intake',
  item: [
    { linkId: 'reason', text: 'Why is this referral made now?', type: 'text', required: true },
    { linkId: 'times', text: 'When can the patient come?', type: 'string' },
    { linkId: 'consent', text: 'Has the patient agreed to the referral?', type: 'boolean', required: true },
  ],
};

/** An order and all that it refers to: coverage, condition, observation, and the answers to the questionnaire. */
export function referralNeeds({ patient, order, condition, score, answers: [reason, times] }: ReferralNeeds): readonly Resource[] {
  const subject = { reference: `Patient/${patient}` };
  return [
    {
      resourceType: 'ServiceRequest',
      id: `${patient}-order`,
      identifier: [{ system: 'https://sandbox.example.org/orders', value: `${patient}-order` }],
      status: 'active',
      intent: 'order',
      priority: 'routine',
      code: { coding: [{ system: 'http://snomed.info/sct', code: '306206005', display: 'Referral to service' }], text: order },
      subject,
      encounter: { reference: `Encounter/${patient}-visit` },
      authoredOn: '2026-01-15',
      requester: { reference: 'PractitionerRole/nadia-holm-role', display: 'Nadia Holm' },
      performer: [{ reference: 'PractitionerRole/iris-moreau-role', display: 'Iris Moreau' }],
      locationReference: [{ reference: 'Location/harbor-intake' }],
      reasonReference: [{ reference: `Condition/${patient}-condition` }],
      insurance: [{ reference: `Coverage/${patient}-coverage` }],
      supportingInfo: [{ reference: `Observation/${patient}-score` }],
    },
    {
      resourceType: 'Coverage',
      id: `${patient}-coverage`,
      status: 'active',
      subscriberId: `M-${patient}`,
      beneficiary: subject,
      relationship: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship', code: 'self' }] },
      payor: [{ reference: 'Organization/meadow-health-plan' }],
    },
    {
      resourceType: 'Condition',
      id: `${patient}-condition`,
      clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', ...condition }] },
      subject,
    },
    {
      resourceType: 'Observation',
      id: `${patient}-score`,
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: score.code, display: score.display }] },
      subject,
      effectiveDateTime: '2026-01-15',
      performer: [{ reference: 'Practitioner/nadia-holm' }],
      valueInteger: score.value,
    },
    {
      resourceType: 'QuestionnaireResponse',
      id: `${patient}-intake`,
      questionnaire: 'https://sandbox.example.org/Questionnaire/referral-intake',
      status: 'completed',
      basedOn: [{ reference: `ServiceRequest/${patient}-order` }],
      subject,
      authored: '2026-01-15',
      author: { reference: 'Practitioner/nadia-holm' },
      item: [
        { linkId: 'reason', text: 'Why is this referral made now?', answer: [{ valueString: reason }] },
        { linkId: 'times', text: 'When can the patient come?', answer: [{ valueString: times }] },
        { linkId: 'consent', text: 'Has the patient agreed to the referral?', answer: [{ valueBoolean: true }] },
      ],
    },
  ];
}
