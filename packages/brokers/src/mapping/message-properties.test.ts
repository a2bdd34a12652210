import { createMessage, createReply, defineEvent, readMessage } from '@fhir-messaging/core';
import type { Message } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { propertiesOf } from './message-properties.ts';

const admit = defineEvent({ coding: { system: 'https://example.org/events', code: 'admit' }, category: 'consequence', focus: ['Patient'], payload: { Patient: '1..1' } });
const message = createMessage(admit, { Patient: { resourceType: 'Patient', id: 'p1' } }, { source: 'https://app.example.org', destination: 'https://ward.example.org' });

function asRead(change: (bundle: { id?: string; entry: { fullUrl?: string; resource: Record<string, unknown> }[] }) => void): Message {
  const bundle = JSON.parse(new TextDecoder().decode(message.bytes));
  change(bundle);
  return readMessage(bundle);
}

describe('the properties of a message', () => {
  it('are copied from its body: R4 MessageHeader.id, Bundle.id, event, addresses, Bundle.timestamp', () => {
    expect(propertiesOf(message)).toMatchObject({
      contentType: 'application/fhir+json; fhirVersion=4.0',
      messageId: message.graph.header?.id,
      correlationId: message.graph.header?.id,
      envelopeId: message.bundle.id,
      type: 'https://example.org/events#admit',
      source: 'https://app.example.org',
      destination: 'https://ward.example.org',
      time: message.bundle.timestamp,
      specVersion: '1.0',
      subject: undefined,
      responseCode: undefined,
    });
  });

  it('R5: Bundle.identifier names it, endpointUrl is its address, and the release is said', () => {
    const r5 = createMessage(admit, { Patient: { resourceType: 'Patient', id: 'p1' } }, { source: 'https://app.example.org', release: 'R5' });
    const id = r5.bundle.identifier?.value?.replace('urn:uuid:', '');

    expect(propertiesOf(r5)).toMatchObject({ contentType: 'application/fhir+json; fhirVersion=5.0', messageId: id, correlationId: id, source: 'https://app.example.org' });
  });

  it('a reply correlates by what it quotes of its request, and says how that ended', () => {
    const reply = createReply(message, { code: 'fatal-error', issues: [{ severity: 'error', code: 'invalid' }], source: 'https://ward.example.org' });

    expect(propertiesOf(reply)).toMatchObject({ messageId: reply.identity.message, correlationId: message.graph.header?.id, responseCode: 'fatal-error' });
  });

  it('an event by its URI is its type', () => {
    const read = asRead(({ entry }) => {
      delete entry[0]!.resource['eventCoding'];
      entry[0]!.resource['eventUri'] = 'https://example.org/event/admit';
    });
    expect(propertiesOf(read).type).toBe('https://example.org/event/admit');
  });

  it('without MessageHeader.id it is named by Bundle.id', () => {
    const read = asRead(({ entry }) => delete entry[0]!.resource['id']);
    expect(propertiesOf(read).messageId).toBe(read.bundle.id);
  });

  it('the focus is said only where that is asked for', () => {
    expect(propertiesOf(message, { includeSubject: true }).subject).toBe(message.graph.entries[1]?.fullUrl);
  });
});
