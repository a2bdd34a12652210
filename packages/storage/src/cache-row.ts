import type { CachedOutcome, CacheRecord, CustodyRecord, Issue } from '@fhir-messaging/core';
import { bytes, optionalText, rowOf, text } from './row.ts';
import type { Row } from './row.ts';

/** Whether a row that was read was to be forgotten by then. */
export function isExpired(row: unknown): boolean {
  return Boolean(rowOf(row)['is_expired']);
}

/** What a row says of a transmission. */
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

/** What a row says of a message in custody. */
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

/** They are as `JSON.stringify` wrote them. */
function isIssues(value: unknown): value is readonly Issue[] {
  return Array.isArray(value);
}
