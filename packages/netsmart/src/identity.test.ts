import { createMessage, createReply, readReply } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { submitServiceRequest } from './events.ts';
import { netsmart } from './identity.ts';

const request = createMessage(
  submitServiceRequest,
  { ServiceRequest: { resourceType: 'ServiceRequest', id: '5', status: 'active', intent: 'proposal', subject: { reference: 'Patient/1' } }, Patient: { resourceType: 'Patient', id: '1' } },
  { source: 'https://app.example.org' },
);

describe('netsmart', () => {
  it('has replies quote Bundle.id', () => {
    const reply = createReply(request, { source: 'https://fhir.example.org', identity: netsmart });

    expect(reply.bundle.entry?.[0]?.resource).toMatchObject({ response: { identifier: request.bundle.id } });
    expect(readReply(reply, { request, identity: netsmart })).toMatchObject({ matched: 'Bundle.id', matchedByRule: true });
    expect(readReply(createReply(request, { source: 'https://fhir.example.org' }), { request, identity: netsmart })).toMatchObject({ matched: 'MessageHeader.id', matchedByRule: false });
  });

  it('keeps a message the same when it is sent again, whatever its category', () => {
    expect(netsmart.resend).toEqual({ consequence: 'same', currency: 'same', notification: 'same' });
  });

  it('is frozen', () => {
    expect([netsmart, netsmart.message, netsmart.replyQuotes, netsmart.resend].every(Object.isFrozen)).toBe(true);
  });

  it('promises no async, no status for duplicates, and no cache', () => {
    expect(netsmart).toMatchObject({ name: 'netsmart', async: false, duplicateStatus: undefined, reliableCacheMinutes: undefined });
    expect(netsmart.message[0]).toBe('Bundle.id');
  });
});
