export { environments, traits } from './environments.ts';
export type { NetsmartEnvironment, NetsmartTraits } from './environments.ts';
export { messageEvents, submitServiceRequest, updateServiceRequest } from './events.ts';
export type { ServiceRequestTable } from './events.ts';
export { netsmart } from './identity.ts';
export { isAboutItsPatient } from './is-about-its-patient.ts';
export { refersToSubmittedReferral } from './refers-to-submitted-referral.ts';
