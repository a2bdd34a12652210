import type { OutboxState } from '@fhir-messaging/core';
import type { QueuedMessage } from '@fhir-messaging/react-hooks';
import { describe, expect, it } from 'vitest';
import { actionsFor } from './message-actions.ts';

const messageIn = (state: OutboxState, more: Partial<QueuedMessage> = {}): QueuedMessage => ({ id: '1', key: 'k', state, reason: undefined, event: undefined, after: undefined, sends: 0, mayHaveArrived: false, isLeased: false, dueAtMs: undefined, addedAtMs: 0, changedAtMs: 0, content: undefined, isOver: false, ...more });
const doneBy = (message: QueuedMessage, isOnline = true): readonly string[] => actionsFor(message, isOnline).map(({ does }) => does);

describe('actionsFor', () => {
  it('takes back what cannot have arrived, and nothing else', () => {
    for (const state of ['pending', 'waiting', 'blocked'] as const) expect(doneBy(messageIn(state))).toEqual(['cancel']);
    for (const state of ['pending', 'waiting'] as const) expect(doneBy(messageIn(state, { mayHaveArrived: true }))).toEqual([]);
    for (const state of ['sending', 'accepted', 'replied'] as const) expect(doneBy(messageIn(state))).toEqual([]);
    for (const state of ['rejected', 'dead', 'blocked'] as const) expect(doneBy(messageIn(state, { isOver: true }))).toEqual([]);
  });

  it('hurries what was tried before and did not arrive, where there is a network', () => {
    expect(doneBy(messageIn('pending', { sends: 1 }))).toEqual(['retry', 'cancel']);
    expect(doneBy(messageIn('pending', { sends: 1, mayHaveArrived: true }))).toEqual([]);
    expect(doneBy(messageIn('pending', { sends: 1 }), false)).toEqual(['cancel']);
  });

  it('asks for what only a person can find out: the harmless answer first', () => {
    expect(doneBy(messageIn('uncertain', { mayHaveArrived: true }))).toEqual(['arrived', 'notArrived', 'forget']);
    expect(doneBy(messageIn('uncertain', { mayHaveArrived: true, reason: 'pinned' }))).toEqual(['arrived', 'forget']);
  });

  it('asks for what became of one that was taken over, and whose answer is late', () => {
    expect(doneBy(messageIn('overdue', { mayHaveArrived: true }))).toEqual(['arrived', 'notArrived', 'forget']);
  });

  it('has nothing for a message that somebody works on: it would not be done', () => {
    for (const more of [{}, { reason: 'reply.invalid' }, { reason: 'pinned' }]) expect(doneBy(messageIn('uncertain', { mayHaveArrived: true, isLeased: true, ...more }))).toEqual([]);
    expect(doneBy(messageIn('overdue', { isLeased: true }))).toEqual([]);
  });

  it('has an answer that nobody could read repeated, and forgets nothing that arrived', () => {
    expect(doneBy(messageIn('uncertain', { mayHaveArrived: true, reason: 'reply.invalid' }))).toEqual(['retry', 'arrived']);
  });
});
