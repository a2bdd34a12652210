import type { MessageId, PendingRecord } from '@fhir-messaging/core';
import { bytes, optionalText, releaseOf, rowOf, text } from './row.ts';

/** An id as it is stored: as JSON, since an id from outside may hold a character that a database cannot store as text. */
export function storedId(id: string): string {
  return JSON.stringify(id);
}

/** A whole id as it is stored: the same text for the same id. */
export function storedMessageId({ source, value, system }: MessageId): string {
  return JSON.stringify({ source, value, system });
}

/** The ids in a column that is a list of them in JSON, each as it was stored. */
export function idsOf(column: unknown): string[] {
  return textsIn(column).map(idOf);
}

function idOf(stored: string): string {
  return String(JSON.parse(stored));
}

/** The record of a request in a row; its ids and replies are lists of JSON, each as it was stored. */
export function pendingRecordOf(value: unknown): PendingRecord {
  const row = rowOf(value);
  return {
    key: idOf(text(row['key'])),
    ids: textsIn(row['ids']).map((id): unknown => JSON.parse(id)).filter(isMessageId),
    release: releaseOf(row['release']),
    event: text(row['event']),
    destinations: textsIn(row['destinations']),
    bytes: bytes(row['bytes']),
    attempts: Number(row['attempts']),
    sentAtMs: Number(row['sent_at_ms']),
    deadlineMs: Number(row['deadline_ms']),
    keepUntilMs: Number(row['keep_until_ms']),
    replies: idsOf(row['replies']),
  };
}

/** The texts in a column that is a list of them in JSON; none where it is null. */
function textsIn(column: unknown): readonly string[] {
  const found: unknown = JSON.parse(optionalText(column) ?? '[]');
  return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : [];
}

/** Trusts the value, which {@link storedMessageId} wrote. */
function isMessageId(value: unknown): value is MessageId {
  return typeof value === 'object' && value !== null;
}
