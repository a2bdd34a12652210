import type { FullOutboxRecord, OutboxRecord } from '@fhir-messaging/core';
import { orLost } from './lease-lost.ts';
import { changeTo } from './outcome.ts';
import type { OutboxParts } from './outbox-parts.ts';

/** The entries of one account in a store. */
export interface AccountEntries {
  readonly own: (id: string, transaction?: unknown) => Promise<FullOutboxRecord | undefined>;
  /** Unpacks stored bytes; `undefined` where their key is not here or does not fit, or they are torn. */
  readonly opened: OutboxParts['unpack'];
  /** The entry of this id that holds these bytes already. */
  readonly sameAs: (id: string, bytes: Uint8Array, transaction?: unknown) => Promise<OutboxRecord | undefined>;
  /** Makes the drafts that follow an entry directly due now. */
  readonly freeFollowers: (record: OutboxRecord) => Promise<void>;
  /** Changes an entry that nobody works on and whose state matches `from`, unless another change comes first. @returns whether it did. */
  readonly change: (id: string, from: RegExp, to: (record: FullOutboxRecord) => ReturnType<typeof changeTo>) => Promise<boolean>;
  /** Removes an entry that nobody works on, and tells that others may be due. @returns whether it is gone. */
  readonly forget: (record: OutboxRecord | undefined) => Promise<boolean>;
}

/** The entries of an outbox's account. @param tellDue - tells that something may have become due. */
export function accountEntries(parts: OutboxParts, tellDue: () => void): AccountEntries {
  const { store, account } = parts;
  const own: AccountEntries['own'] = async (id, transaction) => {
    const record = await store.get(id, transaction);
    return record?.account === account ? record : undefined;
  };
  const opened: AccountEntries['opened'] = (content, id, kind) => parts.unpack(content, id, kind).catch(() => undefined);
  const freeFollowers: AccountEntries['freeFollowers'] = async ({ id, key }) => {
    const { records } = await store.list({ account, key });
    for (const follower of records.filter(({ facts, isLeased }) => facts.after === id && facts.isDraft && !isLeased)) {
      await orLost(store.update(follower, changeTo(follower, 'pending', { dueInMs: 0 })));
    }
    tellDue();
  };
  return {
    own,
    opened,
    freeFollowers,
    async sameAs(id, bytes, transaction) {
      const record = await own(id, transaction);
      const stored = record && (await opened(record.content, id, 'message'));
      return stored && isSame(stored, bytes) ? record : undefined;
    },
    async change(id, from, to) {
      const record = await own(id);
      if (record === undefined || record.isLeased || !from.test(record.facts.state)) return false;
      const changed = await orLost(store.update(record, to(record)));
      if (changed) await freeFollowers(record);
      return changed;
    },
    async forget(record) {
      const isGone = record !== undefined && !record.isLeased && (await orLost(store.remove(record)));
      if (isGone) tellDue();
      return isGone;
    },
  };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, position) => byte === b[position]);
}
