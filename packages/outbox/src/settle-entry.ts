import { plainId } from '@fhir-messaging/core';
import type { FullOutboxRecord, Message, MessageReply, Resource } from '@fhir-messaging/core';
import type { AccountEntries } from './account-entries.ts';
import { orLost } from './lease-lost.ts';
import { afterAnswer, changeTo, holdsOperationOutcome, isFinished } from './outcome.ts';
import type { OutboxParts } from './outbox-parts.ts';

/** Why an entry has the reply that it had before somebody had it tried again: it may be the answer again, or a late copy. */
const repeated = 'repeated';

/** Stores the reply to an entry that came another way than on its own connection. @throws {MessagingError} `storage.unavailable`. */
export async function settleEntry(id: string, reply: MessageReply<Resource>, parts: OutboxParts, { own, freeFollowers }: AccountEntries): Promise<void> {
  const repliedBy = reply.message.identity.message;
  // Who was faster changed something else, such as that it was taken over: the reply is worth more, and comes once.
  for (let isStored = false; !isStored; ) {
    const record = await own(id);
    if (record === undefined || isAnswered(record)) return;
    const isAgain = repliedBy !== undefined && repliedBy === record.facts.repliedBy;
    // The reply that somebody asked for another one after has come once more; to what is in custody it may be the answer again, until there is another.
    if (isAgain && !/^(accepted|overdue)$/.test(record.facts.state)) return;
    const bytes = await parts.pack(reply.message.bytes, id, 'reply');
    const { state, reason, isOpen } = afterAnswer(record, reply);
    const sentAtMs = isOpen ? record.facts.sentAtMs : undefined;
    isStored = await orLost(parts.store.update(record, changeTo(record, state, { reason: isAgain ? repeated : reason, sentAtMs, reply: bytes, repliedBy })));
    if (isStored) await freeFollowers(record);
  }
}

/** Whether an entry has its answer: what a person decided, or a status said, was none yet, nor is one that leaves a question, or asks for patience. */
function isAnswered(record: FullOutboxRecord): boolean {
  const { state, reason = '' } = record.facts;
  return record.reply !== undefined && isFinished(state) && !holdsOperationOutcome(record) && ![repeated, 'transient-error'].includes(reason);
}

/**
 * The ids of the entries that are a request: by its name, or by one that it was sent under. Under another of its ids there may be another message:
 * that has to be the same to the byte.
 */
export async function entriesOf({ identity, bytes }: Message, { store, account }: OutboxParts, { own, sameAs }: AccountEntries): Promise<readonly string[]> {
  const named = identity.ids.map(({ value }) => plainId(value));
  const name = plainId(identity.message ?? '');
  const found = await Promise.all(named.map((id) => (id === name ? own(id) : sameAs(id, bytes))));
  const known = found.flatMap((record) => record?.id ?? []);
  // Few are sent under names of their own.
  return known.length > 0 ? known : (await store.list({ account })).records.filter(({ facts }) => facts.sentAs?.includes(name)).map(({ id }) => id);
}
