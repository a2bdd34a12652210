import type { OutboxListing, OutboxRecord, OutboxState } from '@fhir-messaging/core';
import type { OutboxParts } from './outbox-parts.ts';
import type { OutboxEntry, OutboxView } from './outbox.ts';

/** An entry as an application sees it; its reason is taken for one that an outbox wrote. */
export function entryOf(record: OutboxRecord): OutboxEntry;
export function entryOf({ id, key, facts, isLeased, dueAtMs, addedAtMs, changedAtMs }: OutboxRecord): Omit<OutboxEntry, 'reason'> & { readonly reason: string | undefined } {
  const { state, reason, event, after, sends, sentAtMs } = facts;
  return { id, key, state, reason, event, after, sends, mayHaveArrived: sentAtMs !== undefined, isLeased, dueAtMs, addedAtMs, changedAtMs };
}

const blocking: ReadonlySet<OutboxState | undefined> = new Set<OutboxState | undefined>(['rejected', 'dead', 'uncertain', 'blocked', 'overdue', undefined]);

/**
 * An account's view of a store, even before a run has looked at its entries: a draft after a message that did not get far enough is `blocked`; what was
 * added while nobody was signed in is `pending` once the account is, and waits for its turn.
 */
export function viewOf({ records, unreadable }: OutboxListing, { account, isSignedIn }: Pick<OutboxParts, 'account' | 'isSignedIn'>): OutboxView {
  const entries = new Map<string, OutboxEntry>();
  const unfinishedKeys = new Set<string>();
  for (const record of records) {
    if (record.account === account) {
      const entry = entryOf(record);
      const before = entry.after === undefined ? undefined : entries.get(entry.after)?.state;
      const isBlocked = entry.after !== undefined && /^(pending|waiting)$/.test(entry.state) && record.facts.isDraft && blocking.has(before);
      const isInLine = entry.reason === 'session.expired' && entry.sends === 0 && unfinishedKeys.has(entry.key) && isSignedIn();
      const shown: Partial<OutboxEntry> = isBlocked ? { state: 'blocked', reason: `predecessor.${before ?? 'removed'}` } : isInLine ? { state: 'pending', reason: undefined } : {};
      entries.set(entry.id, { ...entry, ...shown });
      if (!record.isFinished) unfinishedKeys.add(entry.key);
    }
  }
  return { entries: [...entries.values()], ofOthers: records.length - entries.size, unreadable };
}
