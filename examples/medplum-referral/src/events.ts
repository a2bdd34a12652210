import { forMedplum } from '@fhir-messaging/medplum';
import { submitServiceRequest, updateServiceRequest } from '@fhir-messaging/netsmart';

/** The two contracts, with Medplum's types. */
export const submitReferral = forMedplum(submitServiceRequest);

/** Changes a referral that was submitted. */
export const updateReferral = forMedplum(updateServiceRequest);
