import { createMessage, createReply, MessagingError } from '@fhir-messaging/core';
import type { Delivery, Resource, SubmissionState } from '@fhir-messaging/core';
import { describe, expect, it } from 'vitest';
import { sayState } from './say-state.ts';
import { submitReferral } from '../session/referral-events.ts';

const order = { resourceType: 'ServiceRequest', id: '1', status: 'active', intent: 'order', subject: { reference: 'Patient/1' } } as const;
const message = createMessage(submitReferral, { ServiceRequest: order, Patient: { resourceType: 'Patient', id: '1' } }, { source: 'https://app.example.org' });
const facts = { issues: [], http: undefined, attempts: 1 };
const replyOf = (kind: 'ok' | 'transient-error' | 'fatal-error', pinned = false, attempts = 1) =>
  ({ ...facts, kind, attempts, message: createReply(message, { code: kind, source: 'https://manager.example.org' }), matched: undefined, matchedByRule: true, disagrees: false, pinned }) as const;
const refusal = (mayHaveArrived: boolean) => ({ kind: 'refused', message, issues: [], mayHaveArrived, reply: { ...facts, kind: 'refused', mayHaveArrived } }) as const;
const failure = (delivery: Delivery, error: Error = new MessagingError('transport.failed', 'Gone.', { delivery, attempts: 1 })) => ({ kind: 'failed', message, error, delivery }) as const;

type State = SubmissionState<unknown, Resource>;

/** Every state, and what is special about it. */
const states: readonly (readonly [says: string, state: State, title: string])[] = [
  ['idle', { kind: 'idle' }, 'Not sent yet'],
  ['checking', { kind: 'checking', message }, 'Checking'],
  ['sending', { kind: 'sending', message, attempt: 1, waitingUntilMs: undefined }, 'Sending'],
  ['sending again', { kind: 'sending', message, attempt: 2, waitingUntilMs: undefined }, 'Sending'],
  ['waiting', { kind: 'sending', message, attempt: 2, waitingUntilMs: 1 }, 'Trying again shortly'],
  ['accepted', { kind: 'accepted', message, reply: { ...facts, kind: 'accepted', duplicate: false } }, 'Taken over'],
  ['accepted, a duplicate', { kind: 'accepted', message, reply: { ...facts, kind: 'accepted', duplicate: true } }, 'Taken over'],
  ['done', { kind: 'done', message, reply: replyOf('ok') }, 'Received'],
  ['done at the third attempt', { kind: 'done', message, reply: replyOf('ok', false, 3) }, 'Received'],
  ['invalid', { kind: 'invalid', error: new Error(), issues: [] }, 'Not sent'],
  ['refused', refusal(false), 'Refused'],
  ['refused, an earlier attempt unanswered', refusal(true), 'Refused, but it may have arrived before'],
  ['rejected for good', { kind: 'rejected', message, issues: [], reply: replyOf('fatal-error') }, 'Turned down'],
  ['rejected for now', { kind: 'rejected', message, issues: [], reply: replyOf('transient-error') }, 'Not just now'],
  ['rejected for now, the same each time', { kind: 'rejected', message, issues: [], reply: replyOf('transient-error', true) }, 'Not processed'],
  ['failed: no', failure('no'), 'Not sent'],
  ['failed: no, signed out', failure('no', new MessagingError('session.expired', 'Over.', { delivery: 'no' })), 'Not sent: you are signed out'],
  ['failed: unknown', failure('unknown'), 'It may have arrived'],
  ['failed: unknown, stopped', failure('unknown', new DOMException('', 'AbortError')), 'It may have arrived'],
  ['failed: yes', failure('yes'), 'It arrived, without a readable answer'],
  ['mayHaveArrived', { kind: 'mayHaveArrived', message, earlier: failure('unknown') }, 'Send both?'],
];

describe('sayState', () => {
  it.each(states)('has a title and a sentence for: %s', (_, state, title) => {
    const saying = sayState(state, { what: 'referral', recognisedMinutes: 60 });

    expect(saying.title).toBe(title);
    expect(saying.text).toMatch(/^[A-Z“].+[.]$/);
  });

  it('says each of them otherwise', () => {
    const texts = states.map(([, state]) => Object.values(sayState(state, { what: 'referral', recognisedMinutes: 60 })).slice(0, 3).join(' '));

    expect(new Set(texts).size).toBe(states.length);
  });

  it('uses no word of FHIR', () => {
    const texts = states.flatMap(([, state]) => [60, undefined].map((recognisedMinutes) => sayState(state, { what: 'change', recognisedMinutes }).text));

    expect(texts.filter((text) => /FHIR|Bundle|resource|HTTP|ServiceRequest|consequence|cache/i.test(text))).toEqual([]);
  });

  it('never says that it was not sent where it may have arrived, and never that it may where it did not', () => {
    const says = (state: State): string => Object.values(sayState(state, { what: 'referral', recognisedMinutes: 60 })).join(' ');

    expect([failure('unknown'), failure('yes'), refusal(true)].map(says).filter((text) => /not sent|nothing of/i.test(text))).toEqual([]);
    expect([failure('no'), refusal(false)].map(says).filter((text) => /may have arrived/i.test(text))).toEqual([]);
  });

  it('says that the other side recognises it only where the other side says so itself', () => {
    const text = (recognisedMinutes: number | undefined): string => sayState(failure('unknown'), { what: 'referral', recognisedMinutes }).text;

    expect(text(60)).toContain('by its number the other side recognises it, for 60 minutes');
    expect(text(undefined)).toContain('does not say whether it would recognise');
  });

  it('says why nobody knows: the page was reloaded', () => {
    expect(sayState(failure('unknown'), { what: 'change', recognisedMinutes: 60, reloaded: true }).text).toContain('This page was closed or reloaded while the change was on its way');
  });

  it('shows what was found: by a rule, in a reply, in the answer behind an error', () => {
    const issues = [{ severity: 'error', code: 'business-rule', diagnostics: 'Why.' }] as const;
    const invalid: State = { kind: 'invalid', error: new Error(), issues };
    const rejected: State = { kind: 'rejected', message, issues, reply: { ...replyOf('fatal-error'), issues } };
    const failed = failure('no', new MessagingError('session.expired', 'Over.', { delivery: 'no', issues }));

    for (const state of [invalid, rejected, failed]) expect(sayState(state, { what: 'referral', recognisedMinutes: 60 }).issues).toEqual(issues);
  });
});
