import { createMessage, readReply } from '@fhir-messaging/core';
import { submitServiceRequest } from '@fhir-messaging/netsmart';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startReferralManager } from './referral-manager.ts';
import type { ReferralManager } from './referral-manager.ts';

let manager: ReferralManager;
beforeEach(async () => {
  manager = await startReferralManager();
});
afterEach(() => manager.stop());

it.each([
  ['Practitioner/1', 'fatal-error', 0],
  ['/Practitioner/1', 'fatal-error', 0],
  ['Practitioner/1#x', 'fatal-error', 0],
  ['Practitioner?identifier=1', 'fatal-error', 0],
  ['#nobody', 'fatal-error', 0],
  ['urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', 'fatal-error', 0],
  ['https://clinic.example.org/fhir/Practitioner/1', 'ok', 1],
])('a referral that refers to something that it does not carry has to say its server (%s): it would be of this one', async (reference, code, taken) => {
  const { bundle } = createMessage(
    submitServiceRequest,
    { ServiceRequest: { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/p1' } }, Patient: { resourceType: 'Patient', id: 'p1' } },
    { source: 'https://clinic.example.org/app' },
  );
  const entry = bundle.entry?.map((one) => (one.resource?.resourceType === 'ServiceRequest' ? { ...one, resource: { ...one.resource, performer: [{ reference }] } } : one));
  const answer = await fetch(`${manager.baseUrl}/$process-message`, { method: 'POST', body: JSON.stringify({ ...bundle, entry }), headers: { 'content-type': 'application/fhir+json' } });

  expect(readReply(await answer.text()).code).toBe(code);
  expect(manager.referrals.size).toBe(taken);
});
