import type { CodeableConcept, FhirResource, HumanName } from 'fhir/r4';

/** A resource in two lines: what it is to a clinician, and which one. */
export interface ResourceName {
  readonly what: string;
  readonly which: string;
}

/** What a resource is called on screen; an envelope by what its message is to do, since a draft still has that of the message before. */
export function nameInWords(resource: FhirResource | undefined, message: 'referral' | 'change' = 'referral'): ResourceName {
  if (resource === undefined) {
    return { what: 'Empty', which: '' };
  }
  switch (resource.resourceType) {
    case 'MessageHeader':
      return { what: 'Envelope', which: message === 'change' ? 'Changes a referral' : 'Opens a referral' };
    case 'ServiceRequest':
      return { what: 'Order', which: conceptInWords(resource.code) };
    case 'Patient':
      return { what: 'Patient', which: personName(resource.name) };
    case 'Practitioner':
      return { what: 'Clinician', which: personName(resource.name) };
    case 'PractitionerRole':
      return { what: 'Role', which: resource.code?.[0]?.text ?? resource.practitioner?.display ?? '' };
    case 'Organization':
      return { what: 'Organization', which: resource.name ?? '' };
    case 'Location':
      return { what: 'Place', which: resource.name ?? '' };
    case 'Condition':
      return { what: 'Diagnosis', which: conceptInWords(resource.code) };
    case 'Observation':
      return { what: 'Finding', which: `${conceptInWords(resource.code)}${resource.valueInteger === undefined ? '' : `: ${resource.valueInteger}`}` };
    case 'Coverage':
      return { what: 'Insurance', which: resource.subscriberId ?? '' };
    case 'QuestionnaireResponse':
      return { what: 'Intake form', which: `${resource.item?.length ?? 0} answers` };
    default:
      return { what: resource.resourceType, which: resource.id ?? '' };
  }
}

/** A name as it is spoken. */
export function personName(names: readonly HumanName[] | undefined): string {
  const [name] = names ?? [];
  return name?.text ?? [...(name?.given ?? []), name?.family ?? ''].join(' ').trim();
}

function conceptInWords(concept: CodeableConcept | undefined): string {
  return concept?.text ?? concept?.coding?.[0]?.display ?? '';
}
