import type { Account } from '@fhir-messaging/outbox';

/** Whose messages all workers send. */
export const wardAccount: Account = { issuer: 'https://ehr.example.org', baseUrl: 'https://ehr.example.org/r4', clientId: 'ward', user: 'Device/1' };
