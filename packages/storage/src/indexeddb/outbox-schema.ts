import type { NewOutboxEntry, OutboxContent, OutboxFacts, OutboxRecord } from '@fhir-messaging/core';
import type { DBSchema } from 'idb';
import { isOutboxState } from '../outbox-state.ts';

/** An entry as it is stored, without its bytes. */
export interface OutboxRow {
  /** Given by the database. */
  readonly sequence?: number;
  readonly id: string;
  readonly key: string;
  readonly account: string;
  /** The account, as long as the entry may be claimed or holds back its key: a claim looks only through this index. */
  readonly open: string | undefined;
  readonly facts: OutboxFacts;
  readonly isFinished: boolean;
  readonly fence: number;
  readonly leasedUntilMs: number;
  readonly dueAtMs: number | undefined;
  readonly addedAtMs: number;
  readonly changedAtMs: number;
  /** When the row was last written, a lease taken or renewed included. */
  readonly writtenAtMs?: number;
}

/** The bytes of an entry. */
export interface OutboxBytes {
  readonly content: OutboxContent;
  readonly reply: OutboxContent | undefined;
}

/** The stores of the database. Treat a row as `unknown` until it is checked: another version, or a fault, may have written it. */
export interface OutboxSchema extends DBSchema {
  entries: { key: number; value: OutboxRow; indexes: { id: string; open: string } };
  bytes: { key: string; value: OutboxBytes };
}

/** The row of a changed entry: in the index `open` as long as it may be claimed or holds back its key. */
export function rowOf(row: Omit<OutboxRow, 'open' | 'changedAtMs'>, nowMs: number): OutboxRow {
  const { open, ...rest }: OutboxRow = { ...row, open: undefined, changedAtMs: nowMs, writtenAtMs: nowMs };
  // The index would leave out `open: undefined` too; without the member the row is smaller.
  return { ...rest, open: rest.isFinished && rest.dueAtMs === undefined ? open : rest.account };
}

/** A new entry. */
export function newRowOf({ dueInMs, content, ...entry }: NewOutboxEntry, nowMs: number): OutboxRow {
  return rowOf({ ...entry, isFinished: false, fence: 0, leasedUntilMs: 0, dueAtMs: timeIn(dueInMs, nowMs), addedAtMs: nowMs }, nowMs);
}

/** A row by a clock that may have been set back since it was written: its lease and its wait last no longer from now than they did from then. */
export function byClock<TRow extends OutboxRow>(row: TRow, nowMs: number): TRow {
  const { dueAtMs, leasedUntilMs, writtenAtMs = row.changedAtMs } = row;
  const aheadMs = writtenAtMs - nowMs;
  return aheadMs > 0 ? { ...row, dueAtMs: dueAtMs && dueAtMs - aheadMs, leasedUntilMs: leasedUntilMs - aheadMs, writtenAtMs: nowMs } : row;
}

/** When something is due. */
export function timeIn(inMs: number | undefined, nowMs: number): number | undefined {
  return inMs === undefined ? undefined : nowMs + inMs;
}

/** Whether a row is as this code writes it: not one by a fault of the disk or somebody else, nor one in a state that is not known here. */
export function isSound(row: unknown): row is OutboxRow & { readonly sequence: number } {
  const { sequence, id, key, account, facts, fence, leasedUntilMs }: Partial<Record<keyof OutboxRow, unknown>> = typeof row === 'object' && row !== null ? row : {};
  const texts = [id, key, account].every((value) => typeof value === 'string');
  return texts && typeof facts === 'object' && facts !== null && 'state' in facts && isOutboxState(facts.state) && [sequence, fence, leasedUntilMs].every(Number.isFinite);
}

/** An entry as an outbox gets it. */
export function recordOf({ sequence, open, leasedUntilMs, writtenAtMs, ...row }: OutboxRow & { readonly sequence: number }, nowMs: number): OutboxRecord {
  return { ...row, sequence, isLeased: leasedUntilMs > nowMs, readAtMs: nowMs };
}
