import type { CachedOutcome, CacheRecord, CustodyRecord, Issue } from '@fhir-messaging/core';
import { bytes, optionalText, rowOf, text } from './row.ts';
import type { Row } from './row.ts';

/** Whether a row had expired when it was read. */
export function isExpired(row: unknown): boolean {
  return Boolean(rowOf(row)['is_expired']);
}

/** The record of a transmission in a row. */
export function recordOf(value: unknown): CacheRecord {
  const row = rowOf(value);
  const { sender, message, envelope, digest, token } = row;
  return {
    key: { sender: text(sender), message: text(message), envelope: optionalText(envelope) },
    digest: text(digest),
    token: text(token),
    fence: Number(row['fence']),
    isLeased: Boolean(row['is_leased']),
    outcome: outcomeOf(row),
  };
}

/** The record of a message in custody in a row. */
export function custodyRecordOf(value: unknown): CustodyRecord {
  const row = rowOf(value);
  const custody = {
    bytes: bytes(row['custody_bytes']),
    replyTo: text(row['custody_reply_to']),
    sender: optionalText(row['custody_sender']),
    expiresAfterMs: Number(row['custody_left_ms']),
  };
  return { ...recordOf(value), custody };
}

function outcomeOf({ status, reply, issues }: Row): CachedOutcome | undefined {
  if (status === null) {
    return undefined;
  }
  const found: unknown = JSON.parse(text(issues));
  return { status: Number(status), reply: reply === null ? undefined : bytes(reply), issues: isIssues(found) ? found : [] };
}

/** Trusts the column, which `JSON.stringify` wrote here. */
function isIssues(value: unknown): value is readonly Issue[] {
  return Array.isArray(value);
}
