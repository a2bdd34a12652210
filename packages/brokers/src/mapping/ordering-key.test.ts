import { createMessage, defineEvent } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { orderingKeys } from './ordering-key.ts';

const order = defineEvent({ uri: 'https://example.org/order', category: 'consequence', focus: ['ServiceRequest'], payload: { ServiceRequest: '1..1', Patient: '0..1' } });
const admit = defineEvent({ uri: 'https://example.org/admit', category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });

const orderingSecret = 'sixteen bytes at least';
const source = 'https://app.example.org';
const keyed = orderingKeys({ orderingSecret });
const unkeyed = orderingKeys({});
const hmac = (text: string): string => createHmac('sha256', orderingSecret).update(text).digest('hex');
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

const identifier = [
  { system: 'urn:z', value: '9' },
  { system: 'https://ehr.example.org/mrn', value: '1' },
];

function orderFor(id: string, subject: { reference?: string }, Patient?: { fullUrl: string; resource: { resourceType: 'Patient'; id?: string; identifier?: typeof identifier } }): Message {
  const ServiceRequest = { fullUrl: `https://ehr.example.org/fhir/ServiceRequest/${id}`, resource: { resourceType: 'ServiceRequest', id, status: 'active', intent: 'order', subject } as const };
  return createMessage(order, Patient ? { ServiceRequest, Patient } : { ServiceRequest }, { source });
}

const url = 'https://ehr.example.org/fhir/Patient/1';
const patient = { fullUrl: url, resource: { resourceType: 'Patient', id: '1', identifier } as const };

describe('the ordering key, with a secret', () => {
  it("is HMAC-SHA-256 over the patient behind the focus: their first identifier in alphabetical order, whatever the order that they are in", async () => {
    const turned = { ...patient, resource: { ...patient.resource, identifier: [...identifier].reverse() } };
    expect(await keyed(orderFor('1', { reference: url }, patient))).toBe(hmac('https://ehr.example.org/mrn|1'));
    expect(await keyed(orderFor('2', { reference: url }, turned))).toBe(hmac('https://ehr.example.org/mrn|1'));
  });

  it('is over Patient/id where there is no identifier, in the Bundle or not', async () => {
    const unidentified = { fullUrl: url, resource: { resourceType: 'Patient', id: '1' } as const };
    expect(await keyed(orderFor('1', { reference: url }, unidentified))).toBe(hmac('Patient/1'));
    expect(await keyed(orderFor('2', { reference: url }))).toBe(hmac('Patient/1'));
  });

  it('is of the focus itself where that is the Patient', async () => {
    expect(await keyed(createMessage(admit, { Patient: patient }, { source }))).toBe(hmac('https://ehr.example.org/mrn|1'));
  });

  it("is over the focus's reference where there is no patient", async () => {
    expect(await keyed(orderFor('1', {}))).toBe(hmac('https://ehr.example.org/fhir/ServiceRequest/1'));
  });

  it('another secret gives another key', async () => {
    const message = orderFor('1', { reference: url }, patient);
    expect(await orderingKeys({ orderingSecret: new Uint8Array(16) })(message)).not.toBe(await keyed(message));
  });

  it('what the application orders by takes the place of the patient, and is hashed too', async () => {
    const keys = orderingKeys({ orderingSecret, orderBy: ({ event }) => event?.uri });
    expect(await keys(orderFor('1', { reference: url }, patient))).toBe(hmac('https://example.org/order'));
  });

  it('what the application orders by without a secret is a TypeError at once, since it may be a patient that is guessed', () => {
    expect(() => orderingKeys({ orderBy: ({ event }) => event?.uri })).toThrow(/^orderBy: orderingSecret is needed/);
  });

  it('a secret that is too short is a TypeError at once', () => {
    expect(() => orderingKeys({ orderingSecret: 'too short' })).toThrow(TypeError);
  });
});

describe('the ordering key, without a secret', () => {
  it("is SHA-256 over the focus's reference, and never the patient's", async () => {
    expect(await unkeyed(orderFor('1', { reference: url }, patient))).toBe(hash('https://ehr.example.org/fhir/ServiceRequest/1'));
  });

  it("is over the message's source where the focus is the Patient, whose reference can be guessed", async () => {
    expect(await unkeyed(createMessage(admit, { Patient: patient }, { source }))).toBe(hash(source));
  });
});
