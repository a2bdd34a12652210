import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import { createMessage } from '../message/create-message.ts';
import type { Message } from '../message/message.ts';
import { readMessage } from '../message/read-message.ts';
import type { Release } from '../fhir/release.ts';
import { resendOf } from './resend-of.ts';

const event = defineEvent({
  coding: { system: 'https://example.org/events', code: 'admit' },
  category: 'currency',
  focus: ['Patient'],
  payload: { Patient: '1..1' },
});
const messageIn = (release: Release) => createMessage(event, { Patient: { resourceType: 'Patient' } }, { source: 'https://a.example', release });
const newId = () => '5b1c4a1e-1111-4d5c-9a53-0f3f0d0f0f0f';

describe('resendOf', () => {
  it('same: is the same message, its bytes among it', () => {
    const message = messageIn('R4');

    expect(resendOf(message, 'same', newId)).toBe(message);
  });

  it('new-envelope: a fresh Bundle.id, the same MessageHeader.id, and nothing else changed', () => {
    const message = messageIn('R4');
    const resent = resendOf(message, 'new-envelope', newId);

    expect(resent.bundle).toEqual({ ...message.bundle, id: newId() });
    expect(resent.bundle.entry?.[0]?.resource).toBe(message.bundle.entry?.[0]?.resource);
    expect(resent.identity).toMatchObject({ message: message.identity.message, envelope: newId() });
    expect(JSON.parse(new TextDecoder().decode(resent.bytes))).toEqual(resent.bundle);
    expect(resent.event).toBe(event);
  });

  it('new-message: a fresh Bundle.identifier too, the same content', () => {
    const message = messageIn('R5');
    const resent = resendOf(message, 'new-message', newId);

    expect(resent.bundle).toEqual({ ...message.bundle, id: newId(), identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${newId()}` } });
    expect(resent.identity.message).toBe(`urn:uuid:${newId()}`);
  });

  describe('of a message that was read', () => {
    const quantity = '{"resourceType":"Patient","extension":[{"url":"https://a.example/dose","valueDecimal":1.10}]}';
    const header = '{"resourceType":"MessageHeader","id":"h","eventCoding":{"system":"https://example.org/events","code":"admit"},"source":{"endpoint":"https://a.example"}}';
    const textOf = (members: string): string => `\ufeff{${members}"type" : "message",\n  "entry":[{"fullUrl":"urn:uuid:h","resource":${header}},{"resource":${quantity}}]}`;
    const bytesOf = (message: Message): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(message.bytes);

    it.each([
      ['"resourceType":"Bundle", "id" : "first" , ', `"resourceType":"Bundle", "id" : "${newId()}" , `],
      ['"resourceType":"Bundle",', `"id":"${newId()}","resourceType":"Bundle",`],
    ])('changes the id in its text and nothing else: FHIR\'s decimals keep their digits (%s)', (given, expected) => {
      const resent = resendOf(readMessage(new TextEncoder().encode(textOf(given))), 'new-envelope', newId);

      expect(bytesOf(resent)).toBe(textOf(expected).slice(1));
      expect(bytesOf(resent)).toContain('"valueDecimal":1.10}');
      expect(resent.bundle.id).toBe(newId());
      expect(resent.graph.all('Patient')).toHaveLength(1);
    });

    it('new-message: changes both ids', () => {
      const read = readMessage(textOf('"resourceType":"Bundle","identifier":{"value":"a","assigner":{"display":"{\\"}"}},').slice(1));
      const resent = resendOf(read, 'new-message', newId);

      expect(bytesOf(resent)).toBe(textOf(`"id":"${newId()}","resourceType":"Bundle","identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:${newId()}"},`).slice(1));
      expect(JSON.parse(bytesOf(resent))).toEqual(resent.bundle);
    });

    it('is the very same where its text is no JSON and only a tolerant parser could read it', () => {
      const read = readMessage(textOf('/* "id" */"resourceType":"Bundle",'), { parse: (text) => JSON.parse(text.replace(/^\ufeff|\/\*.*?\*\//g, '')) as unknown });

      expect(resendOf(read, 'new-envelope', newId)).toBe(read);
    });
  });
});
