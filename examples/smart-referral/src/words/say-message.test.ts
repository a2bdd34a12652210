import type { OutboxState } from '@fhir-messaging/core';
import type { QueuedMessage } from '@fhir-messaging/react-hooks';
import { describe, expect, it } from 'vitest';
import { sayMessage } from './say-message.ts';
import type { Setting } from './say-message.ts';

const setting: Setting = { what: 'referral', recognisedMinutes: 60, durability: 'durable', isOnline: true, isNext: false };

function messageIn(state: OutboxState, more: Partial<QueuedMessage> = {}): QueuedMessage {
  const isOver = state === 'rejected' || state === 'dead';
  return { id: '1', key: 'k', state, reason: undefined, event: undefined, after: undefined, sends: 1, mayHaveArrived: false, isLeased: false, dueAtMs: undefined, addedAtMs: 0, changedAtMs: 0, content: undefined, isOver, ...more };
}

/** Every state, and what is special about it. */
const states: readonly [says: string, message: QueuedMessage, title: string, setting?: Partial<Setting>][] = [
  ['pending, offline', messageIn('pending', { sends: 0 }), 'Queued', { isOnline: false }],
  ['pending, offline, in a frame', messageIn('pending', { sends: 0 }), 'Queued', { isOnline: false, durability: 'partitioned' }],
  ['pending, online', messageIn('pending', { sends: 0 }), 'Queued'],
  ['pending, behind another', messageIn('pending', { sends: 0 }), 'Queued', { isNext: true }],
  ['pending, surely not arrived', messageIn('pending'), 'Trying again shortly'],
  ['pending, after a transient-error', messageIn('pending', { reason: 'transient-error' }), 'Not just now'],
  ['pending, after a transient-error and a lost answer', messageIn('pending', { reason: 'transient-error', mayHaveArrived: true }), 'Not just now'],
  ['pending, may have arrived', messageIn('pending', { mayHaveArrived: true }), 'It may have arrived'],
  ['pending, may have arrived, offline', messageIn('pending', { mayHaveArrived: true }), 'It may have arrived', { isOnline: false }],
  ['sending', messageIn('sending'), 'Sending'],
  ['waiting, signed out', messageIn('waiting', { reason: 'session.expired' }), 'Not sent: you are signed out'],
  ['waiting, signed out, may have arrived', messageIn('waiting', { reason: 'session.expired', mayHaveArrived: true }), 'It may have arrived: you are signed out'],
  ['waiting, its key lost', messageIn('waiting', { reason: 'locked' }), 'Not readable here'],
  ['accepted', messageIn('accepted'), 'Taken over'],
  ['overdue', messageIn('overdue'), 'No answer yet'],
  ['replied', messageIn('replied'), 'Received'],
  ['replied, by what a person said', messageIn('replied', { reason: 'decided' }), 'Arrived, as you said'],
  ['rejected by a reply', messageIn('rejected', { reason: 'fatal-error' }), 'Turned down'],
  ['rejected by the server', messageIn('rejected', { reason: 'http.422' }), 'Refused'],
  ['uncertain', messageIn('uncertain', { reason: 'transport.failed', mayHaveArrived: true }), 'It may have arrived'],
  ['uncertain, and nobody says whether it would be recognised', messageIn('uncertain', { reason: 'transport.failed', mayHaveArrived: true }), 'It may have arrived', { recognisedMinutes: undefined }],
  ['uncertain, refused later', messageIn('uncertain', { reason: 'http.422', mayHaveArrived: true }), 'Refused, but it may have arrived before'],
  ['uncertain, its reply unreadable', messageIn('uncertain', { reason: 'reply.invalid', mayHaveArrived: true }), 'It arrived, without a readable answer'],
  ['uncertain, pinned', messageIn('uncertain', { reason: 'pinned', mayHaveArrived: true }), 'It may have arrived'],
  ['blocked, for now', messageIn('blocked'), 'Waiting for the one before'],
  ['blocked, for good', messageIn('blocked', { isOver: true }), 'It cannot go'],
  ['dead', messageIn('dead', { reason: 'transport.status' }), 'Not sent'],
  ['dead, pinned', messageIn('dead', { reason: 'pinned' }), 'Not processed'],
];

const inFull = (message: QueuedMessage, more: Partial<Setting> = {}): string => {
  const { tone, title, text } = sayMessage(message, { ...setting, ...more });
  return `${tone} ${title} ${text}`;
};

describe('sayMessage', () => {
  it.each(states)('has a title and sentences for: %s', (_, message, title, more) => {
    const saying = sayMessage(message, { ...setting, ...more });

    expect(saying.title).toBe(title);
    expect(saying.text).toMatch(/^[A-Z“].+[.]$/);
  });

  it('says each of them otherwise', () => {
    expect(new Set(states.map(([, message, , more]) => inFull(message, more))).size).toBe(states.length);
  });

  it('uses no word of FHIR, of networks, or of this project', () => {
    const texts = states.map(([, message, , more]) => inFull(message, { ...more, what: 'change' }));

    expect(texts.filter((text) => /FHIR|Bundle|resource|HTTP|ServiceRequest|consequence|cache|outbox|lease|token/i.test(text))).toEqual([]);
  });

  it('never says that it was not sent where it may have arrived, and never that it may where it did not', () => {
    const of = (mayHaveArrived: boolean): readonly string[] => states.filter(([, message]) => message.mayHaveArrived === mayHaveArrived).map(([, message, , more]) => inFull(message, more));

    expect(of(true).filter((text) => /not sent\b(?! again)|nothing of/i.test(text))).toEqual([]);
    expect(of(false).filter((text) => /may have arrived/i.test(text))).toEqual([]);
  });

  it('asks to call, and to say here what they said, where an answer does not come', () => {
    const asks = ['transport.failed', 'pinned', 'http.422'].map((reason) => messageIn('uncertain', { reason, mayHaveArrived: true }));

    for (const message of [...asks, messageIn('overdue')]) expect(sayMessage(message, setting).text).toMatch(/Call them, and ask .+ Then say here what they said\.$/);
  });

  it('promises only what the storage keeps: in a frame, for this EHR alone', () => {
    const kept = (durability: Setting['durability']): string => sayMessage(messageIn('pending', { sends: 0 }), { ...setting, isOnline: false, durability }).text;

    expect(kept('durable')).toBe('Kept on this device; it goes out when the connection is back. You may close this window: open the app again, and it goes out then.');
    expect(kept('partitioned')).toContain('Kept on this device, for this EHR alone; it goes out when the connection is back.');
  });

  it('says that the other side recognises it only where the other side says so itself', () => {
    const text = (recognisedMinutes: number | undefined): string => sayMessage(messageIn('pending', { mayHaveArrived: true }), { ...setting, recognisedMinutes }).text;

    expect(text(60)).toContain('by its number the other side recognises it, for 60 minutes');
    expect(text(undefined)).not.toContain('recognises');
  });
});
