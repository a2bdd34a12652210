import { describe, expect, it } from 'vitest';
import { defineEvent } from '../event/define-event.ts';
import { createMessage } from '../message/create-message.ts';
import type { Release } from '../fhir/release.ts';
import { resendOf } from './new-envelope.ts';

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
});
