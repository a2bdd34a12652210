import { isMessagingError } from '@fhir-messaging/core';
import type { FullOutboxRecord, OutboxRecord, ReplyMessage } from '@fhir-messaging/core';
import { fixFollowUp } from './fix-follow-up.ts';
import { changeTo } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { OutboxParts } from './outbox-parts.ts';
import { rememberedMs } from './peer-memory.ts';

/** How long an entry that waits for a key or a predecessor is left alone. */
const patienceMs = 60_000;

/** A claimed entry that can be sent. */
export interface ReadEntry {
  readonly record: OutboxRecord;
  readonly message: ReplyMessage;
}

/**
 * Opens and reads a claimed entry; the bytes of a follow-up are fixed, and stored, first.
 *
 * @returns an outcome where that cannot be done, or not yet.
 * @throws {MessagingError} `lease.lost`, `storage.unavailable`.
 */
export async function readEntry(claimed: FullOutboxRecord, parts: OutboxParts): Promise<ReadEntry | Outcome> {
  const { id, facts } = claimed;
  const isOpen = facts.sentAtMs !== undefined;
  try {
    const bytes = await parts.unpack(claimed.content, id, 'message');
    if (bytes === undefined) {
      return lockedEntry(claimed, parts);
    }
    if (!facts.isDraft) {
      return { record: claimed, message: parts.read(bytes, claimed) };
    }
    const fixed = await fixFollowUp(claimed, bytes, parts);
    if (fixed.kind !== 'fixed') {
      // Due again in any case: a change of the predecessor frees no follower that is leased, as this one is.
      return { state: fixed.kind === 'waits' ? 'pending' : 'blocked', reason: fixed.reason, isOpen, dueInMs: patienceMs };
    }
    const change = { isDraft: false, dueInMs: 0, leaseMs: parts.leaseMs, content: await parts.pack(fixed.bytes, id, 'message') };
    return { record: await parts.store.update(claimed, changeTo(claimed, 'pending', change)), message: parts.read(fixed.bytes, claimed) };
  } catch (error) {
    if (isMessagingError(error) && /^(lease|storage)/.test(error.code)) throw error;
    return { state: isOpen ? 'uncertain' : 'dead', reason: isMessagingError(error) ? error.code : 'content.unreadable', isOpen };
  }
}

/** A locked entry that may have arrived is `uncertain` once the peer has forgotten it, though nobody here can read what it says. */
function lockedEntry({ facts: { sentAtMs, mayBeRepeated, release }, readAtMs }: OutboxRecord, parts: OutboxParts): Outcome {
  const isForgotten = sentAtMs !== undefined && !mayBeRepeated && readAtMs >= sentAtMs + rememberedMs(release, parts);
  return { state: isForgotten ? 'uncertain' : 'waiting', reason: 'locked', isOpen: sentAtMs !== undefined, mayBeRepeated, dueInMs: isForgotten ? undefined : patienceMs };
}
