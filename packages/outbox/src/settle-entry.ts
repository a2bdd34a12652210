import { plainId } from '@fhir-messaging/core';
import type { FullOutboxRecord, Message, MessageReply, Resource } from '@fhir-messaging/core';
import type { AccountEntries } from './account-entries.ts';
import { askedLater } from './ask-application.ts';
import { orLost } from './lease-lost.ts';
import { afterAnswer, changeTo, holdsOperationOutcome, isFinished } from './outcome.ts';
import type { OutboxParts } from './outbox-parts.ts';

/** The reason of an entry that was tried again and got its former reply: that may be the answer again, or a late copy. */
const repeated = 'repeated';

/**
 * Stores the reply to an entry that came another way than on its own connection.
 *
 * @param isCopy - whether the messenger knows this very reply already.
 * @throws {MessagingError} `storage.unavailable`.
 */
export async function settleEntry(id: string, reply: MessageReply<Resource>, parts: OutboxParts, { own, freeFollowers }: AccountEntries, isCopy = false): Promise<void> {
  const repliedBy = reply.message.identity.message;
  // The reply is stored over a change that came first, such as that the message was taken over: it is worth more, and comes once.
  for (let isStored = false; !isStored; ) {
    const record = await own(id);
    if (record === undefined || isAnswered(record)) return;
    // An attempt of the running send may have got it: that send says itself what came of it.
    if (isCopy && reply.kind === 'transient-error' && record.isLeased && record.facts.state === 'sending') return;
    const isAgain = repliedBy !== undefined && repliedBy === record.facts.repliedBy;
    // A copy of the reply after which it was sent again: it may be the answer again only to a message in custody, until another reply comes.
    if (isAgain && !/^(accepted|overdue)$/.test(record.facts.state)) return;
    const bytes = await parts.pack(reply.message.bytes, id, 'reply');
    const answer = afterAnswer(record, reply);
    const { state, reason, isOpen, dueInMs } = answer.state === 'uncertain' && parts.confirm ? askedLater(answer, parts) : answer;
    const sentAtMs = isOpen ? record.facts.sentAtMs : undefined;
    isStored = await orLost(parts.store.update(record, changeTo(record, state, { reason: isAgain ? repeated : reason, dueInMs, sentAtMs, reply: bytes, repliedBy })));
    if (isStored) await freeFollowers(record);
  }
}

/** Whether an entry has its answer. A person's decision and a status are none, nor is a reply that leaves a question, or a `transient-error`. */
function isAnswered(record: FullOutboxRecord): boolean {
  const { state, reason = '' } = record.facts;
  return record.reply !== undefined && isFinished(state) && !holdsOperationOutcome(record) && ![repeated, 'transient-error'].includes(reason);
}

/**
 * The ids of the entries that are a request: under its name, or a name that it was sent by. An entry under another of its ids may be another message:
 * it has to be the same to the byte.
 */
export async function entriesOf({ identity, bytes }: Message, { store, account }: OutboxParts, { own, sameAs }: AccountEntries): Promise<readonly string[]> {
  const named = identity.ids.map(({ value }) => plainId(value));
  const name = plainId(identity.message ?? '');
  const found = await Promise.all(named.map((id) => (id === name ? own(id) : sameAs(id, bytes))));
  const known = found.flatMap((record) => record?.id ?? []);
  // Listing comes last: few messages are sent under names of their own.
  return known.length > 0 ? known : (await store.list({ account })).records.filter(({ facts }) => facts.sentAs?.includes(name)).map(({ id }) => id);
}
