import type { EventName, FullOutboxRecord, NewOutboxEntry, OutboxChange, OutboxContent, OutboxContract, OutboxFacts, OutboxFilter, OutboxHold, OutboxRecord } from '@fhir-messaging/core';
import { isOutboxState } from './outbox-state.ts';
import { bytes, numberOf, optionalNumber, optionalText, releaseOf, rowOf, text } from './row.ts';
import type { Row } from './row.ts';

type Value = null | number | string | Uint8Array;

/** The parameters of the statement `add`. */
export function addedValues({ id, key, account, facts, content, dueInMs }: NewOutboxEntry): Value[] {
  return [id, key, account, storedFacts(facts), content.bytes, content.sealedWith ?? null, timeValue(dueInMs)];
}

/** The parameters of the statement `update`. */
export function changedValues(hold: OutboxHold, { facts, isFinished, dueInMs, leaseMs, content, reply }: OutboxChange): Value[] {
  const contents = [content, reply].flatMap((each) => [each?.bytes ?? null, each?.sealedWith ?? null]);
  const [id, fence, ...found] = heldValues(hold);
  return [id, fence, storedFacts(facts), Number(isFinished), timeValue(dueInMs), leaseMs ?? null, leaseMs === undefined ? 1 : 0, ...contents, Number(reply === null), ...found];
}

/** The parameter for a time from now; null where it never comes. */
function timeValue(inMs: number | undefined): number | null {
  return inMs !== undefined && Number.isFinite(inMs) ? inMs : null;
}

/** The parameters that identify an entry as it was read; `wasFree` says that it had no lease then. */
export function heldValues({ id, fence, isLeased, sequence }: OutboxHold): [id: string, fence: number, wasFree: number, sequence: number | null] {
  return [id, fence, Number(isLeased === false), sequence ?? null];
}

/** The columns and the parameters of the statement `list`. */
export function filterOf({ account, key }: OutboxFilter): { readonly columns: string[]; readonly values: string[] } {
  const by = Object.entries({ account, key }).flatMap(([column, value]) => (value === undefined ? [] : [{ column, value }]));
  return { columns: by.map(({ column }) => column), values: by.map(({ value }) => value) };
}

/** The record of an entry in a row; `undefined` where it cannot be read. */
export function outboxRecordOf(value: unknown): OutboxRecord | undefined {
  const row = rowOf(value);
  const facts = factsOf(row);
  return (
    facts && {
      id: text(row['id']),
      fence: numberOf(row['fence']),
      key: text(row['key']),
      sequence: numberOf(row['sequence']),
      account: text(row['account']),
      facts,
      isFinished: Boolean(row['is_finished']),
      isLeased: Boolean(row['is_leased']),
      dueAtMs: optionalNumber(row['due_at_ms']),
      addedAtMs: numberOf(row['added_at_ms']),
      changedAtMs: numberOf(row['changed_at_ms']),
      readAtMs: numberOf(row['read_at_ms']),
    }
  );
}

/** The same, with the bytes that are in it. */
export function fullOutboxRecordOf(value: unknown): FullOutboxRecord | undefined {
  const record = outboxRecordOf(value);
  const row = rowOf(value);
  return record && { ...record, content: contentOf(row['bytes'], row['sealed_with']), reply: row['reply'] === null ? undefined : contentOf(row['reply'], row['reply_sealed_with']) };
}

/** The full records of the rows that can be read, sorted by `sequence`: `returning` gives rows in no order. */
export function inOrder(rows: readonly unknown[]): FullOutboxRecord[] {
  return rows.flatMap((row) => fullOutboxRecordOf(row) ?? []).sort((a, b) => a.sequence - b.sequence);
}

function contentOf(content: unknown, sealedWith: unknown): OutboxContent {
  return { bytes: bytes(content), sealedWith: optionalText(sealedWith) };
}

/** All facts, by name: a fact that is left out does not compile. */
type StoredFacts = { readonly [Name in keyof Required<OutboxFacts>]: OutboxFacts[Name] };

function factsOf(row: Row): StoredFacts | undefined {
  const { state, event, contract, release, after, isDraft, sends, unheard, sentAs, repliedBy, sentAtMs, mayBeRepeated, isRepeat, reason } = factsIn(row['facts']);
  return isOutboxState(state)
    ? {
        state,
        event: isEventName(event) ? event : undefined,
        contract: isContract(contract) ? contract : undefined,
        release: releaseOf(release),
        after: optionalText(after),
        isDraft: isDraft === true,
        sends: numberOf(sends),
        unheard: optionalNumber(unheard),
        sentAs: Array.isArray(sentAs) ? sentAs.map(text) : undefined,
        repliedBy: optionalText(repliedBy),
        sentAtMs: optionalNumber(sentAtMs),
        mayBeRepeated: mayBeRepeated === true,
        isRepeat: isRepeat === true || undefined,
        reason: optionalText(reason),
      }
    : undefined;
}

/** Facts in JSON. Texts from outside are JSON again inside it: they may hold characters that a database cannot store. */
function storedFacts(facts: OutboxFacts): string {
  return JSON.stringify(facts, (_, value: unknown) => (typeof value === 'string' && /\p{Cs}|\0/u.test(value) ? { json: JSON.stringify(value) } : value));
}

function factsIn(column: unknown): Row {
  try {
    const json = text(column);
    // A reviver sees every value, and few facts need one.
    return rowOf(json.includes('"json":') ? JSON.parse(json, asWritten) : JSON.parse(json));
  } catch {
    return {};
  }
}

function asWritten(_: string, value: unknown): unknown {
  const { json } = rowOf(value);
  return typeof json === 'string' ? JSON.parse(json) : value;
}

/** Trusts the value, as the next one does. */
function isContract(value: unknown): value is OutboxContract {
  return typeof value === 'object' && value !== null;
}

/** Trusts the value, which was written here. */
function isEventName(value: unknown): value is EventName {
  return typeof value === 'object' && value !== null;
}
