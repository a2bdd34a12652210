import type { FullOutboxRecord, OutboxHold, OutboxStore } from '@fhir-messaging/core';
import { entryLost } from '../storage-failure.ts';
import { openDatabase } from './open-database.ts';
import { byClock, isSound, newRowOf, recordOf, rowOf, timeIn } from './outbox-schema.ts';
import type { OutboxBytes, OutboxRow, OutboxSchema } from './outbox-schema.ts';
import { outboxWriting } from './outbox-writing.ts';
import type { Entries } from './outbox-writing.ts';
import { pageDurability } from './page-durability.ts';
import { toldTabs } from './told-tabs.ts';

/** An outbox store in IndexedDB. */
export interface IndexedDbOutboxStore extends OutboxStore {
  /** Closes the database, and the channel to other tabs. */
  close(): void;
}

/** The options of an outbox store in IndexedDB. */
export interface IndexedDbOptions {
  /** The time in milliseconds; for tests. */
  readonly now?: (() => number) | undefined;
}

type SoundRow = OutboxRow & { readonly sequence: number };

/** The version of the schema: each change raises it by one, and adds a step to `upgrade`. */
const version = 1;

/**
 * Keeps the messages that an outbox has to send in IndexedDB, for all tabs of a storage partition.
 *
 * A message is on the disk when it counts as queued (`durability: 'strict'`). Times are those of the browser: where its clock was set back, leases and
 * waits last no longer for that, counted from the next `claim`. A browser may still throw everything away when the disk is full, and Safari after
 * seven days without a visit, unless the page was granted `navigator.storage.persist()`.
 *
 * @param name - of the database.
 * @example createOutbox({ store: indexedDbOutboxStore('referrals'), messenger, account })
 */
export function indexedDbOutboxStore(name: string, { now = Date.now }: IndexedDbOptions = {}): IndexedDbOutboxStore {
  const { use, close } = openDatabase<OutboxSchema>(name, version, (database) => {
    const entries = database.createObjectStore('entries', { keyPath: 'sequence', autoIncrement: true });
    entries.createIndex('id', 'id', { unique: true });
    entries.createIndex('open', 'open');
    database.createObjectStore('bytes');
  });
  const tabs = toldTabs(`fhir-messaging ${name}`);
  const write = outboxWriting(use, tabs.tell);
  const isUnder = (row: SoundRow, { sequence = row.sequence, fence, isLeased }: OutboxHold): boolean =>
    row.sequence === sequence && row.fence === fence && (isLeased !== false || row.leasedUntilMs <= now());
  const rowUnder = async (entries: Entries, hold: OutboxHold): Promise<SoundRow> => {
    const row: unknown = await entries.index('id').get(hold.id);
    return isSound(row) && isUnder(row, hold) ? byClock(row, now()) : entryLost();
  };

  return Object.freeze<IndexedDbOutboxStore>({
    async durability() {
      try {
        await write(async (_, bytes) => {
          await bytes.put({ content: { bytes: new Uint8Array(1), sealedWith: undefined }, reply: undefined }, '');
          await bytes.delete('');
        });
        return pageDurability(globalThis);
      } catch {
        return 'none';
      }
    },
    add: (entry) =>
      write(async (entries, bytes) => {
        if ((await entries.index('id').getKey(entry.id)) !== undefined) return undefined;
        const row = newRowOf(entry, now());
        const sequence = await entries.add(row);
        await bytes.put({ content: entry.content, reply: undefined }, entry.id);
        return recordOf({ ...row, sequence }, row.addedAtMs);
      }),
    claim: ({ account, limit, leaseMs }) =>
      write(async (entries, bytes) => {
        const time = now();
        const claimed: FullOutboxRecord[] = [];
        /** The keys that an earlier entry holds back. */
        const held = new Set<unknown>();
        for (let cursor = await entries.index('open').openCursor(account); cursor && claimed.length < limit; cursor = await cursor.continue()) {
          const found: unknown = cursor.value;
          const { key, isFinished } = cursor.value;
          const row = isSound(found) && byClock(found, time);
          const isDue = row && (row.dueAtMs ?? Infinity) <= time && row.leasedUntilMs <= time && !held.has(key);
          const contents = isDue && (await bytes.get(row.id));
          if (contents) {
            const leased = { ...row, fence: row.fence + 1, leasedUntilMs: time + leaseMs, writtenAtMs: time };
            await cursor.update(leased);
            claimed.push({ ...recordOf(leased, time), ...contents });
          } else if (row && row !== found) {
            await cursor.update(row);
          }
          if (!isFinished) held.add(key);
        }
        return claimed;
      }, 'relaxed'),
    update: (hold, { dueInMs, leaseMs, content, reply, ...change }) =>
      write(async (entries, bytes) => {
        const row = await rowUnder(entries, hold);
        const time = now();
        const lease = leaseMs === undefined ? { fence: row.fence + 1, leasedUntilMs: 0 } : { fence: row.fence, leasedUntilMs: time + leaseMs };
        const changed = { ...rowOf({ ...row, ...change, ...lease, dueAtMs: timeIn(dueInMs, time) }, time), sequence: row.sequence };
        await entries.put(changed);
        const before = (content ?? reply) !== undefined && (await bytes.get(row.id));
        if (before) await bytes.put({ content: content ?? before.content, reply: reply === null ? undefined : (reply ?? before.reply) }, row.id);
        return recordOf(changed, time);
      }),
    async renew(hold, leaseMs) {
      await write(async (entries) => {
        const row = await rowUnder(entries, hold);
        const time = now();
        await entries.put({ ...row, leasedUntilMs: time + leaseMs, writtenAtMs: time });
      }, 'relaxed');
    },
    async remove(hold) {
      const { id } = hold;
      await write(async (entries, bytes) => {
        const sequence = await entries.index('id').getKey(id);
        if (sequence === undefined) return;
        const row: unknown = await entries.get(sequence);
        if (isSound(row) && !isUnder(row, hold) && (await bytes.getKey(id)) !== undefined) entryLost();
        await entries.delete(sequence);
        await bytes.delete(id);
      });
    },
    get: (id) =>
      use(async (database) => {
        const transaction = database.transaction(['entries', 'bytes']);
        const [row, bytes]: [unknown, OutboxBytes | undefined] = await Promise.all([
          transaction.objectStore('entries').index('id').get(id),
          transaction.objectStore('bytes').get(id),
        ]);
        return isSound(row) && bytes ? { ...recordOf(row, now()), ...bytes } : undefined;
      }),
    list: ({ account, key } = {}) =>
      use(async (database) => {
        const transaction = database.transaction(['entries', 'bytes']);
        const [rows, ids]: [readonly unknown[], readonly string[]] = await Promise.all([
          transaction.objectStore('entries').getAll(),
          transaction.objectStore('bytes').getAllKeys(),
        ]);
        const withBytes = new Set(ids);
        const isWhole = (row: unknown): row is SoundRow => isSound(row) && withBytes.has(row.id);
        const time = now();
        const records = rows.filter(isWhole).filter((row) => (account ?? row.account) === row.account && (key ?? row.key) === row.key);
        const unreadable = rows.flatMap((row) => (isWhole(row) ? [] : nameOf(row)));
        return { records: records.map((row) => recordOf(row, time)), unreadable };
      }),
    subscribe: tabs.subscribe,
    close() {
      close();
      tabs.close();
    },
  });
}

function nameOf(row: unknown): readonly string[] {
  return typeof row === 'object' && row !== null && 'id' in row && typeof row.id === 'string' ? [row.id] : [];
}
