import type { OutboxListing, OutboxRecord, OutboxState } from '@fhir-messaging/core';
import type { OutboxEntry, OutboxView } from './outbox.ts';

/** An entry as an application sees it. */
export function entryOf({ id, key, facts, isLeased, dueAtMs, addedAtMs, changedAtMs }: OutboxRecord): OutboxEntry {
  const { state, reason, event, after, sends, sentAtMs } = facts;
  return { id, key, state, reason, event, after, sends, mayHaveArrived: sentAtMs !== undefined, isLeased, dueAtMs, addedAtMs, changedAtMs };
}

const blocking: ReadonlySet<OutboxState | undefined> = new Set<OutboxState | undefined>(['rejected', 'dead', 'uncertain', 'blocked', 'overdue', undefined]);

/** An account's view of a store. A draft after a message that did not get far enough is shown as `blocked`, even before a run has looked at it. */
export function viewOf({ records, unreadable }: OutboxListing, account: string): OutboxView {
  const entries = new Map<string, OutboxEntry>();
  for (const record of records) {
    if (record.account === account) {
      const entry = entryOf(record);
      const before = entry.after === undefined ? undefined : entries.get(entry.after)?.state;
      const isBlocked = entry.after !== undefined && entry.state === 'pending' && record.facts.isDraft && blocking.has(before);
      entries.set(entry.id, isBlocked ? { ...entry, state: 'blocked', reason: `predecessor.${before ?? 'removed'}` } : entry);
    }
  }
  return { entries: [...entries.values()], ofOthers: records.length - entries.size, unreadable };
}
