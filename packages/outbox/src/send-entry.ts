import { isMessagingError, MessagingError, plainId, resendOf, untilAborted } from '@fhir-messaging/core';
import type { Delivery, FullOutboxRecord, Message, MessageReply, OutboxRecord, Resource } from '@fhir-messaging/core';
import { fixFollowUp } from './fix-follow-up.ts';
import { afterError, afterReply, changeTo, isExhausted, unless } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { OutboxParts } from './outbox-parts.ts';
import { entryOf } from './view.ts';

/** How long what waits for something else is left alone. */
const patienceMs = 60_000;

/** How long before its end a cache is not relied on any more: what an attempt may take to arrive. */
const marginMs = 60_000;

/** What a claimed entry comes to. */
export interface Turn {
  /** Whether there is use in going on with others. */
  readonly endsRun: boolean;
  /** The reply that comes later, where this process is told. */
  readonly later?: Promise<MessageReply<Resource>> | undefined;
}

/**
 * Does what is due with an entry that is claimed: sends it, or says why not. Whatever it is about to do is stored before it is done.
 *
 * @param working - aborts when the claim is lost, or the outbox closed.
 * @param isHeld - whether the claim is still this process's for certain.
 * @throws {MessagingError} `lease.lost`, `storage.unavailable`.
 */
export async function sendEntry(claimed: FullOutboxRecord, parts: OutboxParts, working: AbortController, isHeld: () => boolean): Promise<Turn> {
  const { store, leaseMs, isSignedIn } = parts;
  const { id, facts } = claimed;
  // Before the second attempt of a send the first one may have arrived.
  let attempts = 0;
  /** Whether somebody's leave to send it once more was of no use: that surely did not arrive. */
  let isUnused = false;
  const put = async (outcome: Outcome, record: OutboxRecord = claimed): Promise<Turn> => {
    const { state, reason, dueInMs, isOpen, endsRun = false } = outcome;
    const sentAtMs = isOpen ? record.facts.sentAtMs : undefined;
    const reply = outcome.reply && (await parts.pack(outcome.reply, id, 'reply'));
    const unheard = (facts.unheard ?? 0) + (outcome.isUnheard && record !== claimed ? 1 : 0);
    const repliedBy = outcome.repliedBy ?? facts.repliedBy;
    const mayBeRepeated = isOpen && facts.mayBeRepeated && !outcome.ifNot && (state === 'waiting' ? attempts < 2 : state === 'pending' && isUnused);
    await store.update(record, changeTo(record, state, { reason, dueInMs, sentAtMs, unheard, mayBeRepeated, reply, repliedBy }));
    return { endsRun };
  };
  let isOpen = facts.sentAtMs !== undefined;
  if (facts.state === 'accepted') {
    return put({ state: 'overdue', isOpen });
  }
  // What somebody had sent once more, after it was over, let the next one of its key go meanwhile.
  if ((facts.mayBeRepeated || facts.reason === 'decided') && (await isBeside(claimed, parts))) {
    await store.update(claimed, changeTo(claimed, 'pending', { reason: facts.reason, dueInMs: 1_000 }));
    return { endsRun: false };
  }
  if (!isSignedIn()) {
    return put({ state: 'waiting', reason: 'session.expired', isOpen, dueInMs: 0, endsRun: true });
  }
  const identity = parts.strategyFor(facts.release);
  const rememberedMs = (parts.peer?.reliableCacheMinutes ?? identity.reliableCacheMinutes ?? 0) * 60_000 - marginMs;
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  let message: Message;
  try {
    bytes = await parts.unpack(claimed.content, id, 'message');
    if (bytes === undefined) {
      // What may have arrived is a question by then, though nobody here can read what it says.
      const isForgotten = isOpen && !facts.mayBeRepeated && claimed.readAtMs >= (facts.sentAtMs ?? 0) + rememberedMs;
      return await put({ state: isForgotten ? 'uncertain' : 'waiting', reason: 'locked', isOpen, dueInMs: isForgotten ? undefined : patienceMs });
    }
    if (facts.isDraft) {
      const fixed = await fixFollowUp(claimed, bytes, parts);
      if (fixed.kind !== 'fixed') {
        // Who changed what is before it meanwhile found this one held, or did not look under its key: it is looked at again in any case.
        return await put({ state: fixed.kind === 'waits' ? 'pending' : 'blocked', reason: fixed.reason, isOpen, dueInMs: patienceMs });
      }
      ({ bytes } = fixed);
      await store.update(claimed, changeTo(claimed, 'pending', { isDraft: false, dueInMs: 0, leaseMs, content: await parts.pack(bytes, id, 'message') }));
    }
    message = parts.read(bytes, claimed);
  } catch (error) {
    if (isMessagingError(error) && /^(lease|storage)/.test(error.code)) throw error;
    return put({ state: isOpen ? 'uncertain' : 'dead', reason: isMessagingError(error) ? error.code : 'content.unreadable', isOpen });
  }

  const category = message.event?.category ?? 'consequence';
  // What has no name nobody can recognise.
  const isNamed = identity.message.some((source) => message.identity.ids.some((known) => known.source === source));
  const cacheMs = isNamed ? rememberedMs : 0;
  /** Until when it may be sent again, though it may have arrived, by the store's clock. */
  const untilMs = facts.sentAtMs === undefined || category !== 'consequence' || facts.mayBeRepeated ? Infinity : facts.sentAtMs + cacheMs;
  /** What is a question is asked the application first. */
  const asked = async (outcome: Outcome, record: OutboxRecord): Promise<Outcome> => {
    if (outcome.state !== 'uncertain' || !parts.confirm) return outcome;
    const known = isSignedIn() ? await confirmed(message, record, parts, working.signal) : 'unknown';
    // Under another session it was not asked, or its answer is that one's; nor was it heard after the end. What a reply said, a person is shown.
    const stopped: unknown = isSignedIn() ? working.signal.reason : new MessagingError('session.expired', 'The account is not signed in.');
    // And where the next turn would not ask, but send.
    const isAskedAgain = isExhausted(record, parts) || (category === 'consequence' && record.readAtMs >= (record.facts.sentAtMs ?? Infinity) + cacheMs);
    if (stopped) return outcome.reply || !isAskedAgain ? outcome : { ...afterError(record, stopped, 'unknown', true, parts), isUnheard: false, ifNot: outcome };
    if (known === 'processed') return { state: 'replied', reason: 'confirmed', isOpen: false };
    return (known === 'not-processed' ? outcome.ifNot : undefined) ?? outcome;
  };
  // What came of the last send may not have been stored.
  const isSpent = isExhausted(claimed, parts);
  // A clock that was set back says nothing of how long ago that was.
  if (isSpent || claimed.readAtMs >= untilMs || (untilMs < Infinity && claimed.readAtMs < (facts.sentAtMs ?? 0))) {
    const outcome = await asked(unless(isOpen, { state: isSpent ? 'dead' : 'pending', reason: facts.reason ?? 'delivery.unknown' }), claimed);
    if (outcome.isOpen || outcome.state !== 'pending') return put(outcome);
    isOpen = false;
  }

  const outgoing = isOpen || facts.sends > 0 ? resendOf(message, identity.resend[category], parts.newId) : message;
  const name = plainId(outgoing.identity.message ?? id);
  const sentAs = name === id ? facts.sentAs : [...(facts.sentAs ?? []), name];
  const sends = facts.sends + 1;
  const fixed: OutboxRecord = { ...claimed, facts: { ...facts, isDraft: false } };
  const sentAtMs = (isOpen ? facts.sentAtMs : undefined) ?? claimed.readAtMs;
  const isRepeat = isOpen && category === 'consequence' && claimed.readAtMs >= sentAtMs + cacheMs;
  // Whoever allowed it once more allowed it once.
  const sending = await store.update(fixed, changeTo(fixed, 'sending', { sends, sentAs, sentAtMs, mayBeRepeated: false, isRepeat, dueInMs: 0, leaseMs }));
  const { async, responseUrl, now } = parts;
  const beganAtMs = now();
  // The messenger counts the peer's time from its own first attempt, and to its end, the outbox from the first of all; what was frozen, or slept, asks again.
  const forgottenAtMs = category !== 'consequence' || rememberedMs <= -marginMs || (isOpen && facts.mayBeRepeated) ? Infinity : sentAtMs + cacheMs;
  const stopIfForgottenAt = (atMs: number): void => {
    if ((isOpen || answers < attempts - 1) && sending.readAtMs + atMs - beganAtMs >= forgottenAtMs) working.abort(new MessagingError('transport.timeout', 'The peer may no longer recognise the message.'));
  };
  let answers = 0;
  let wasHeard = false;
  let delivery: Delivery = 'no';
  /** Whether the last attempt was stopped before it left. */
  let isKept = false;
  /** Ends a send that goes out for another account, or is another sender's by now. @returns whether it is ended. */
  const stopIfOthers = (): boolean => {
    const reason = isHeld() ? (isSignedIn() ? undefined : 'session.expired') : 'lease.lost';
    if (reason) working.abort(new MessagingError(reason, 'The message is not sent: its account, or its sender, is another one by now.'));
    stopIfForgottenAt(now());
    return working.signal.aborted;
  };
  let outcome: Outcome;
  let later: Promise<MessageReply<Resource>> | undefined;
  try {
    const reply = await parts.messenger.send(outgoing, {
      async,
      responseUrl,
      signal: working.signal,
      onProgress(event) {
        if (event.kind === 'attempt') {
          // Whom the application was sending it for already had attempts before.
          attempts = event.attempt;
          // Until somebody says so: what fails afterwards is no reason to believe that it did not arrive.
          delivery = 'unknown';
          stopIfOthers();
        }
        if (event.kind === 'sent') {
          wasHeard = true;
          if (isAnswer(event.status)) answers += 1;
        }
        if (event.kind === 'delivery' && !isKept) ({ delivery } = event);
        if (event.kind === 'waiting') stopIfForgottenAt(event.untilMs);
      },
      onLeaving() {
        if (working.signal.aborted) return;
        // Where somebody else sends it too, it goes on: the progress says so, in that very moment.
        delivery = answers === attempts - 1 ? 'no' : 'unknown';
        isKept = stopIfOthers();
        if (!isKept) delivery = 'unknown';
      },
    });
    later = reply.kind === 'accepted' ? reply.later : undefined;
    outcome = afterReply(sending, { before: claimed, message, wasOpen: isOpen, wasAnswered: attempts === answers }, reply, parts);
  } catch (error) {
    const known = (isMessagingError(error) ? error.delivery : undefined) ?? delivery;
    isUnused = facts.mayBeRepeated && known === 'no';
    outcome = afterError(sending, error, known, isOpen, parts, wasHeard);
  }
  outcome = await asked(outcome, sending);
  // What nobody may send again by itself then is looked at as soon as that is so: it is a question, not a wait.
  const doubtfulInMs = Math.max(0, sentAtMs + cacheMs - sending.readAtMs);
  const isDoubtful = !isUnused && outcome.state === 'pending' && outcome.isOpen && category === 'consequence' && (outcome.dueInMs ?? 0) > doubtfulInMs;
  const turn = await put(isDoubtful ? { ...outcome, dueInMs: doubtfulInMs } : outcome, sending);
  return { ...turn, later };
}

/** Whether a status is somebody's word for what became of an attempt: a gateway's 500, 502 or 504 is not. */
function isAnswer(status: number | undefined): boolean {
  return status === undefined || status < 500 || status === 503;
}

/** Whether another one of its key is being sent. */
async function isBeside({ id, key, account }: OutboxRecord, { store }: OutboxParts): Promise<boolean> {
  return (await store.list({ account, key })).records.some((other) => other.id !== id && other.isLeased);
}

/** What the application knows of a message that may have arrived, where it says so in time. */
async function confirmed(message: Message, record: OutboxRecord, { confirm }: OutboxParts, working: AbortSignal): Promise<'processed' | 'not-processed' | 'unknown'> {
  try {
    return confirm ? await untilAborted(confirm(message, entryOf(record)), AbortSignal.any([working, AbortSignal.timeout(patienceMs)])) : 'unknown';
  } catch {
    return 'unknown';
  }
}
