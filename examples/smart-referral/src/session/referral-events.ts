import { defineEvent } from '@fhir-messaging/core';
import type { BundleGraph, Issue } from '@fhir-messaging/core';
import { submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';

/** What this clinic asks of a referral, beyond what Netsmart does: the patient has agreed to it. */
function patientAgreed(graph: BundleGraph): readonly Issue[] {
  const answers = graph.all('QuestionnaireResponse').flatMap(({ item }) => item ?? []);
  const consent = answers.find(({ linkId }) => linkId === 'consent');
  if (consent === undefined || consent.answer?.[0]?.valueBoolean === true) {
    return [];
  }
  const position = graph.entries.findIndex(({ resource }) => resource?.resourceType === 'QuestionnaireResponse');
  return [
    {
      severity: 'error',
      code: 'business-rule',
      rule: 'clinic.consent',
      expression: [`Bundle.entry[${position}].resource`],
      diagnostics: 'The patient has to agree to the referral before it is sent.',
    },
  ];
}

/** Opens a referral. */
export const submitReferral = defineEvent({ ...submitServiceRequest.table, rules: [...submitServiceRequest.rules, patientAgreed] });

/** Changes a referral that was opened. */
export const updateReferral = defineEvent({ ...updateServiceRequest.table, rules: [...updateServiceRequest.rules, patientAgreed] });
