import { plainId, resendOf, strategyFor } from '@fhir-messaging/core';
import type { FullOutboxRecord, Message, MessageReply, OutboxRecord, Resource } from '@fhir-messaging/core';
import { askApplication, askedLater } from './ask-application.ts';
import { isLost } from './lease-lost.ts';
import { afterError, afterReply, changeTo, isExhausted, unless } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { OutboxParts } from './outbox-parts.ts';
import { categoryOf, forgottenAtMs, remembers } from './peer-memory.ts';
import { readEntry } from './read-entry.ts';
import { SendWatch } from './send-watch.ts';
import { entryOf } from './view.ts';

/** The end of a claimed entry's turn. */
export interface Turn {
  /** Whether there is no use in going on with others. */
  readonly endsRun: boolean;
}

/** This process's claim on an entry. */
export interface Claim {
  /** Aborts when the claim is lost, or the outbox closed. */
  readonly working: AbortController;
  /** Whether this process surely still has it. */
  readonly isHeld: () => boolean;
  /** Keeps a reply for the entry, and stores it when that can be: one that comes later, or that the store could not take. */
  readonly keep: (reply: Promise<MessageReply<Resource>> | undefined) => void;
}

/**
 * Does what is due with a claimed entry: sends it, or stores why not. A send is stored before it begins.
 *
 * @throws {MessagingError} `lease.lost`, `storage.unavailable`.
 */
export async function sendEntry(claimed: FullOutboxRecord, parts: OutboxParts, claim: Claim): Promise<Turn> {
  const read = (await heldBack(claimed, parts)) ?? (await readEntry(claimed, parts));
  if ('state' in read) {
    const { state, reason } = entryOf(claimed);
    return store(claimed, state === 'uncertain' ? askedLater({ state, reason, isOpen: true }, parts) : read, parts);
  }
  const { record, message } = read;
  let isOpen = record.facts.sentAtMs !== undefined;
  const objection = objectionTo(record, message, parts);
  if (objection) {
    const outcome = await askApplication(objection, message, record, parts, claim.working.signal);
    if (outcome.isOpen || outcome.state !== 'pending') {
      return store(record, outcome, parts);
    }
    // The application knows that it did not arrive.
    isOpen = false;
  }
  const sent = await send(record, message, isOpen, parts, claim);
  const answered = await askApplication(sent.outcome, message, sent.sending, parts, claim.working.signal);
  try {
    const turn = await store(sent.sending, forNext(answered, sent, record, message, parts), parts);
    claim.keep(sent.later);
    return turn;
  } catch (error) {
    // The reply comes only once; but it overrules no answer of the application's, which is asked again.
    if (!isLost(error)) claim.keep((answered.state === sent.outcome.state ? sent.reply : undefined) ?? sent.later);
    throw error;
  }
}

/** Why an entry is not even read now. */
async function heldBack(claimed: FullOutboxRecord, parts: OutboxParts): Promise<Outcome | undefined> {
  const { mayBeRepeated } = claimed.facts;
  const { state, reason, mayHaveArrived: isOpen } = entryOf(claimed);
  if (state === 'accepted') {
    return { state: 'overdue', reason, isOpen };
  }
  // The next entry of its key may have set out while this one was over, before it became a question, or somebody had it sent once more.
  if ((mayBeRepeated || reason === 'decided' || state === 'uncertain') && (await isBeside(claimed, parts))) {
    return { state: 'pending', reason, isOpen, mayBeRepeated, dueInMs: 1_000 };
  }
  return parts.isSignedIn() ? undefined : { state: 'waiting', reason: 'session.expired', isOpen, mayBeRepeated, dueInMs: 0, endsRun: true };
}

/** Whether another entry of the same key is being sent. */
async function isBeside({ id, key, account }: OutboxRecord, { store: entries }: OutboxParts): Promise<boolean> {
  return (await entries.list({ account, key })).records.some((other) => other.id !== id && other.isLeased);
}

/** Why an entry is not sent by itself: its sends are used up, the peer may have forgotten one whose outcome was not stored, or it is a question already. */
function objectionTo(record: OutboxRecord, message: Message, parts: OutboxParts): Outcome | undefined {
  const { sentAtMs, mayBeRepeated } = record.facts;
  const isSpent = isExhausted(record, parts);
  const untilMs = mayBeRepeated ? Infinity : forgottenAtMs(sentAtMs, message, parts);
  // A clock that was set back says nothing of how long ago it was sent.
  const isForgotten = record.readAtMs >= untilMs || (untilMs < Infinity && record.readAtMs < (sentAtMs ?? 0));
  return isSpent || isForgotten || record.facts.state === 'uncertain' ? unless(sentAtMs !== undefined, { state: isSpent ? 'dead' : 'pending', reason: entryOf(record).reason ?? 'delivery.unknown' }) : undefined;
}

/** What came of a send. */
interface SentEntry {
  /** The entry as it was stored before the send. */
  readonly sending: OutboxRecord;
  readonly outcome: Outcome;
  /** The reply message that is its end. */
  readonly reply?: Promise<MessageReply<Resource>> | undefined;
  /** The id of the reply message that came, be it its end or not. */
  readonly repliedBy?: string | undefined;
  /** The reply that comes later, where this process is told of it. */
  readonly later?: Promise<MessageReply<Resource>> | undefined;
  readonly attempts: number;
  /** Whether the message surely did not arrive. */
  readonly isUndelivered: boolean;
}

/** Sends an entry: as many attempts as the messenger makes. @param isOpen - whether it may have arrived before. */
async function send(record: OutboxRecord, message: Message, isOpen: boolean, parts: OutboxParts, { working, isHeld }: Claim): Promise<SentEntry> {
  const { facts, readAtMs } = record;
  const { async, responseUrl, isSignedIn, now } = parts;
  const sentAtMs = (isOpen ? facts.sentAtMs : undefined) ?? readAtMs;
  const untilMs = forgottenAtMs(sentAtMs, message, parts);
  const outgoing = isOpen || facts.sends > 0 ? resendOf(message, strategyFor(facts.release, parts.identity).resend[categoryOf(message)], parts.newId) : message;
  // The leave to repeat a message counts for one send; the answer that made the message a question is none to this one.
  const change = {
    sends: facts.sends + 1,
    sentAs: namesOf(record, outgoing),
    sentAtMs,
    mayBeRepeated: false,
    isRepeat: isOpen && readAtMs >= untilMs,
    reply: facts.state === 'uncertain' ? null : undefined,
    dueInMs: 0,
    leaseMs: parts.leaseMs,
  };
  // Before the store reads its clock: a machine may sleep until the store's answer is heard.
  const askedAtMs = now();
  const sending = await parts.store.update(record, changeTo(record, 'sending', change));
  // The messenger counts the peer's time from the first attempt of this send, the outbox from the first attempt of all sends.
  const isUnlimited = !remembers(facts.release, parts) || (isOpen && facts.mayBeRepeated);
  const watch = new SendWatch({ working, isHeld, isSignedIn, wasOpen: isOpen, forgottenAtMs: isUnlimited ? Infinity : untilMs - sending.readAtMs + askedAtMs, now });
  try {
    const reply = await parts.messenger.send(outgoing, { async, responseUrl, signal: working.signal, onProgress: watch.onProgress, onLeaving: watch.onLeaving });
    const outcome = afterReply(sending, { before: record, message, wasOpen: isOpen, wasAnswered: watch.wasAnswered }, reply, parts);
    const isEnd = reply.kind === 'ok' || reply.kind === 'fatal-error';
    const repliedBy = 'message' in reply ? reply.message.identity.message : undefined;
    return { sending, outcome, reply: isEnd ? Promise.resolve(reply) : undefined, repliedBy, later: reply.kind === 'accepted' ? reply.later : undefined, attempts: watch.attempts, isUndelivered: false };
  } catch (error) {
    const { delivery, unanswered } = watch.arrivalAfter(error);
    return { sending, outcome: afterError(sending, error, unanswered ? delivery : 'no', isOpen, parts, watch.wasHeard), attempts: watch.attempts, isUndelivered: delivery === 'no' };
  }
}

/** The outcome of a send, with what holds for the next one. */
function forNext(outcome: Outcome, { sending, repliedBy, attempts, isUndelivered }: SentEntry, { facts }: OutboxRecord, message: Message, parts: OutboxParts): Outcome {
  const { state, isOpen, dueInMs = 0, ifNot } = outcome;
  // Once a send makes a second attempt, its first one may have arrived.
  const isUnused = facts.mayBeRepeated && (state === 'waiting' ? attempts < 2 : state === 'pending' && isUndelivered);
  // When the peer's window ends before the wait does, the entry is looked at when the window ends: from then on it is a question for a person.
  const doubtfulInMs = Math.max(0, forgottenAtMs(sending.facts.sentAtMs, message, parts) - sending.readAtMs);
  const isDoubtful = state === 'pending' && isOpen && !(facts.mayBeRepeated && isUndelivered) && dueInMs > doubtfulInMs;
  return { ...outcome, repliedBy, mayBeRepeated: isUnused && !ifNot, dueInMs: isDoubtful ? doubtfulInMs : outcome.dueInMs };
}

/** The names under which a message was sent, where they are not its entry's. */
function namesOf({ id, facts: { sentAs } }: OutboxRecord, outgoing: Message): readonly string[] | undefined {
  const name = plainId(outgoing.identity.message ?? id);
  return name === id || sentAs?.includes(name) ? sentAs : [...(sentAs ?? []), name];
}

async function store(record: OutboxRecord, outcome: Outcome, parts: OutboxParts): Promise<Turn> {
  const { id, facts } = record;
  const { state, reason, dueInMs, isOpen, mayBeRepeated = false, isUnheard, endsRun = false } = outcome;
  const sentAtMs = isOpen ? facts.sentAtMs : undefined;
  const unheard = (facts.unheard ?? 0) + (isUnheard ? 1 : 0);
  const reply = outcome.reply && (await parts.pack(outcome.reply, id, 'reply'));
  const repliedBy = outcome.repliedBy ?? facts.repliedBy;
  await parts.store.update(record, changeTo(record, state, { reason, dueInMs, sentAtMs, unheard, mayBeRepeated, reply, repliedBy }));
  return { endsRun };
}
