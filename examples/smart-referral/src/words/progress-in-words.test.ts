import type { OutboxState } from '@fhir-messaging/core';
import type { ShownEntry } from '@fhir-messaging/react-hooks';
import { describe, expect, it } from 'vitest';
import { progressInWords } from './progress-in-words.ts';

const entryIn = (state: OutboxState, more: Partial<ShownEntry> = {}): ShownEntry => ({ id: '1', key: 'k', state, reason: undefined, event: undefined, after: undefined, sends: 1, mayHaveArrived: false, isLeased: false, dueAtMs: undefined, addedAtMs: 0, changedAtMs: 0, ...more });

/** What an order's entries are, and what the list of orders says of them. */
const lists: readonly [says: string, entries: readonly ShownEntry[], words: string | undefined][] = [
  ['nothing was queued', [], undefined],
  ['pending', [entryIn('pending')], 'Queued'],
  ['pending, may have arrived', [entryIn('pending', { mayHaveArrived: true })], 'May have arrived: it goes out again'],
  ['sending for the first time', [entryIn('sending', { mayHaveArrived: true })], 'Queued'],
  ['waiting, signed out', [entryIn('waiting', { reason: 'session.expired' })], 'Not sent yet: sign in again'],
  ['waiting, signed out, may have arrived', [entryIn('waiting', { reason: 'session.expired', mayHaveArrived: true })], 'May have arrived: sign in again'],
  ['waiting, its key lost', [entryIn('waiting', { reason: 'locked' })], 'Not readable here: look at it again'],
  ['uncertain', [entryIn('uncertain', { mayHaveArrived: true })], 'May have arrived: look at it again'],
  ['uncertain, and a change behind it', [entryIn('uncertain', { mayHaveArrived: true }), entryIn('blocked', { id: '2' })], 'May have arrived: look at it again'],
  ['received, and a change signed out', [entryIn('replied', { mayHaveArrived: true }), entryIn('waiting', { id: '2' })], 'Not sent yet: sign in again'],
  ['accepted', [entryIn('accepted', { mayHaveArrived: true })], 'Sent'],
  ['overdue', [entryIn('overdue', { mayHaveArrived: true })], 'Taken over, and not answered: look at it again'],
  ['replied', [entryIn('replied', { mayHaveArrived: true })], 'Sent'],
  ['rejected', [entryIn('rejected')], 'Not taken: look at it again'],
  ['rejected, then received', [entryIn('rejected'), entryIn('replied', { id: '2' })], 'Sent'],
  ['dead', [entryIn('dead')], 'Not taken: look at it again'],
];

describe('progressInWords', () => {
  it.each(lists)('%s', (_, entries, words) => {
    expect(progressInWords(entries)).toBe(words);
  });

  it('never says that it was not sent where it may have arrived, nor that it was not taken where the other side took it over', () => {
    const of = (holds: (entry: ShownEntry) => boolean): readonly string[] => lists.filter(([, entries]) => entries.some(holds)).map(([, entries]) => progressInWords(entries) ?? '');

    expect(of(({ state, mayHaveArrived }) => mayHaveArrived && state !== 'replied').filter((words) => /not sent/i.test(words))).toEqual([]);
    expect(of(({ state }) => state === 'overdue').filter((words) => /not taken/i.test(words))).toEqual([]);
  });
});
