import { graphOf } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { refersToSubmittedReferral } from './refers-to-submitted-referral.ts';

const bundle = (...entry: object[]): { resourceType: 'Bundle'; entry: object[] } => ({ resourceType: 'Bundle', entry });
const referral = (fullUrl?: string): object => ({ ...(fullUrl !== undefined && { fullUrl }), resource: { resourceType: 'ServiceRequest' } });

describe('refersToSubmittedReferral', () => {
  it.each(['urn:uuid:00000000-0000-4000-8000-000000000001', 'urn:oid:1.2.3', 'URN:UUID:00000000-0000-4000-8000-000000000001', 'app:referral/1'])('reports a referral under %s (netsmart.update-target)', (fullUrl) => {
    expect(refersToSubmittedReferral(graphOf(bundle({ resource: { resourceType: 'MessageHeader' } }, referral(fullUrl))))).toEqual([
      {
        severity: 'error',
        code: 'business-rule',
        rule: 'netsmart.update-target',
        expression: ['Bundle.entry[1].fullUrl'],
        diagnostics: "An update names its ServiceRequest by the server's own URL; adopt the reply to its submission first.",
      },
    ]);
  });

  it('reports nothing of a referral on a server, of one without a fullUrl, and of other resources under a urn (netsmart.update-target)', () => {
    const others = bundle(referral('https://fhir.example.org/v4/ServiceRequest/1'), referral(), { fullUrl: 'urn:uuid:2', resource: { resourceType: 'Patient' } }, { fullUrl: 'urn:uuid:3' });

    expect(refersToSubmittedReferral(graphOf(others))).toEqual([]);
  });

  it('reads no resource that is on a server', () => {
    let reads = 0;
    const entry = { fullUrl: 'https://fhir.example.org/v4/Patient/1', get resource() { reads += 1; return { resourceType: 'Patient' }; } };

    refersToSubmittedReferral(graphOf(bundle(entry)));

    expect(reads).toBe(0);
  });
});
