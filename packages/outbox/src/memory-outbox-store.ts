import { MessagingError } from '@fhir-messaging/core';
import type { FullOutboxRecord, OutboxHold, OutboxRecord, OutboxStore } from '@fhir-messaging/core';
import { listeners } from './listeners.ts';

interface Row extends FullOutboxRecord {
  readonly leasedUntilMs: number;
}

/**
 * Keeps entries in this process, as long as it runs: for tests, and where losing a message is no harm. Its durability is `ephemeral`, with which
 * `enqueue` makes do only where `atLeast` says so.
 *
 * @param now - the time in milliseconds; for tests.
 * @example createOutbox({ store: memoryOutboxStore(), atLeast: 'ephemeral', messenger, account })
 */
export function memoryOutboxStore(now: () => number = Date.now): OutboxStore {
  const rows = new Map<string, Row>();
  const watching = listeners();
  let sequence = 0;

  const full = ({ leasedUntilMs, ...row }: Row): FullOutboxRecord => ({ ...row, isLeased: leasedUntilMs > now(), readAtMs: now() });
  const brief = (row: Row): OutboxRecord => {
    const { content, reply, ...record } = full(row);
    return record;
  };
  const keep = (row: Row): Row => {
    rows.set(row.id, row);
    watching.tell();
    return row;
  };
  const rowUnder = ({ id, sequence: place, fence, isLeased }: OutboxHold): Row => {
    const row = rows.get(id);
    if (row?.fence !== fence || row.sequence !== (place ?? row.sequence) || (isLeased === false && row.leasedUntilMs > now())) {
      throw new MessagingError('lease.lost', 'The entry was changed by another, or is gone.');
    }
    return row;
  };
  const isHeldBack = ({ key, account, sequence: place }: Row): boolean =>
    [...rows.values()].some((other) => other.key === key && other.account === account && other.sequence < place && !other.isFinished);
  const isDue = (row: Row): boolean => row.dueAtMs !== undefined && row.dueAtMs <= now() && row.leasedUntilMs <= now() && !isHeldBack(row);

  return {
    durability: () => Promise.resolve('ephemeral'),
    add({ dueInMs, ...entry }) {
      const isNew = !rows.has(entry.id);
      const time = now();
      const state = { fence: 0, isFinished: false, isLeased: false, leasedUntilMs: 0, reply: undefined };
      const dueAtMs = dueInMs === undefined ? undefined : time + dueInMs;
      return Promise.resolve(isNew ? brief(keep({ ...entry, ...state, sequence: ++sequence, dueAtMs, addedAtMs: time, changedAtMs: time, readAtMs: time })) : undefined);
    },
    claim({ account, limit, leaseMs }) {
      const due = [...rows.values()].filter((row) => row.account === account && isDue(row)).slice(0, limit);
      return Promise.resolve(due.map((row) => full(keep({ ...row, fence: row.fence + 1, leasedUntilMs: now() + leaseMs }))));
    },
    async update(hold, { dueInMs, leaseMs, content, reply, ...change }) {
      const row = rowUnder(hold);
      const dueAtMs = dueInMs === undefined ? undefined : now() + dueInMs;
      const lease = leaseMs === undefined ? { fence: row.fence + 1, leasedUntilMs: 0 } : { leasedUntilMs: now() + leaseMs };
      return Promise.resolve(brief(keep({ ...row, ...change, ...lease, dueAtMs, changedAtMs: now(), content: content ?? row.content, reply: reply === null ? undefined : (reply ?? row.reply) })));
    },
    async renew(hold, leaseMs) {
      rows.set(hold.id, { ...rowUnder(hold), leasedUntilMs: now() + leaseMs });
      return Promise.resolve();
    },
    async remove(hold) {
      if (rows.has(hold.id)) rows.delete(rowUnder(hold).id);
      watching.tell();
      return Promise.resolve();
    },
    get(id) {
      const row = rows.get(id);
      return Promise.resolve(row && full(row));
    },
    list({ account, key } = {}) {
      const found = [...rows.values()].filter((row) => (account ?? row.account) === row.account && (key ?? row.key) === row.key);
      return Promise.resolve({ records: found.map(brief), unreadable: [] });
    },
    subscribe: watching.subscribe,
  };
}
