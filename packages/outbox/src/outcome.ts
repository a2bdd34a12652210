import { expectsReply, isMessagingError, retryDelayMs, toOperationOutcome } from '@fhir-messaging/core';
import type { Delivery, Issue, Message, MessageReply, OutboxChange, OutboxFacts, OutboxRecord, OutboxState, Reply, Resource } from '@fhir-messaging/core';
import type { OutboxParts } from './outbox-parts.ts';
import type { OutboxReason } from './outbox-reason.ts';

/** What becomes of an entry. */
export interface Outcome {
  readonly state: OutboxState;
  readonly reason?: OutboxReason | undefined;
  /** When it is looked at again. */
  readonly dueInMs?: number | undefined;
  /** Whether it may have arrived, and nobody said what became of it. */
  readonly isOpen: boolean;
  /** Whether somebody's leave to send it once more was not used yet. */
  readonly mayBeRepeated?: boolean | undefined;
  /** `null` removes the one that was kept. */
  readonly reply?: Uint8Array<ArrayBuffer> | null | undefined;
  /** The id of the reply message that came, be it kept or not. */
  readonly repliedBy?: string | undefined;
  /** Whether nobody heard of it. */
  readonly isUnheard?: boolean | undefined;
  /** Whether there is no use in sending others now. */
  readonly endsRun?: boolean | undefined;
  /** For `uncertain`: the outcome where somebody knows that the message was not processed. */
  readonly ifNot?: Outcome | undefined;
}

/** Whether the next of its key may go: it is settled, or in the other side's hands. */
export function isFinished(state: OutboxState): boolean {
  return /^(accepted|overdue|replied|rejected)$/.test(state);
}

/** Whether an entry left, or may have: an unsent one is taken back (`cancel`), not forgotten (`remove`). */
export function isSent(state: OutboxState | undefined): boolean {
  return state === 'uncertain' || (state !== undefined && isFinished(state));
}

/** Whether an answer says for certain that an entry was not processed, and will not be: a `transient-error`, or a former reply that came again, says less. */
export function isTurnedDown({ facts: { state, reason = '', sentAtMs } }: OutboxRecord): boolean {
  return state === 'rejected' && sentAtMs === undefined && /^(http|refused|fatal)/.test(reason);
}

/** Whether an entry's stored reply is an OperationOutcome: of a refusal, or of the messenger's own check. */
export function holdsOperationOutcome({ facts: { reason = '' } }: OutboxRecord): boolean {
  return /^(http|refused|message)/.test(reason);
}

/** The change of an entry to a state. Facts that are not given stay; the reason and the due time are cleared where they are not given. */
export function changeTo({ facts }: OutboxRecord, state: OutboxState, change: Partial<Omit<OutboxFacts, 'reason'> & Omit<OutboxChange, 'facts' | 'isFinished'> & { readonly reason: OutboxReason | undefined }> = {}): OutboxChange {
  const { dueInMs, leaseMs, content, reply, ...others } = change;
  return { facts: { ...facts, reason: undefined, ...others, state }, isFinished: isFinished(state), dueInMs, leaseMs, content, reply };
}

/** The facts of a message when its reply comes. */
export interface Sent {
  /** The entry as it was before. */
  readonly before: OutboxRecord;
  readonly message: Message;
  /** Whether it may have arrived before this send, unanswered. */
  readonly wasOpen: boolean;
  /** Whether every attempt of this send was answered. */
  readonly wasAnswered: boolean;
}

/** The outcome of a final reply message. A `fatal-error` from a peer that took a repeated message for a new one says nothing of the first. */
export function afterAnswer({ facts }: OutboxRecord, { kind, message }: MessageReply<Resource>): Outcome {
  const isOk = kind === 'ok';
  const end: Omit<Outcome, 'isOpen'> = { state: isOk ? 'replied' : 'rejected', reason: isOk ? undefined : kind, reply: message.bytes };
  return unless(kind === 'fatal-error' && facts.isRepeat === true, end);
}

/** The outcome of a reply. */
export function afterReply(record: OutboxRecord, { before, message, wasOpen, wasAnswered }: Sent, reply: Reply<Resource>, parts: OutboxParts): Outcome {
  const isOpen = wasOpen || !wasAnswered;
  switch (reply.kind) {
    case 'ok':
    case 'fatal-error':
      return afterAnswer(record, reply);
    case 'processed':
      return { state: 'replied', isOpen: false };
    case 'accepted':
      return { state: 'accepted', reason: reply.duplicate ? 'duplicate' : undefined, isOpen: record.facts.isRepeat === true, dueInMs: expectsReply(message) ? (parts.replyWithinMs ?? 86_400_000) : undefined };
    case 'transient-error':
      return reply.pinned ? unless(isOpen, { state: 'dead', reason: 'pinned' }) : later(record, reply.kind, isOpen, parts);
    case 'refused': {
      const status = reply.http?.status;
      const reason: OutboxReason = status === undefined ? 'refused' : `http.${status}`;
      const mayHaveArrived = wasOpen || reply.mayHaveArrived;
      if (status === 401) return { state: 'waiting', reason, isOpen: mayHaveArrived, isUnheard: true, dueInMs: signInDelayMs(before, parts), endsRun: true };
      return unless(mayHaveArrived, { state: 'rejected', reason, reply: outcomeOf(reply.issues) });
    }
  }
}

/**
 * What becomes of an entry whose send ended without a reply.
 *
 * @param delivery - what is known of the attempts that nobody answered.
 * @param wasHeard - whether an attempt of it was answered, by whatever status.
 */
export function afterError(record: OutboxRecord, error: unknown, delivery: Delivery, wasOpen: boolean, parts: OutboxParts, wasHeard?: boolean): Outcome {
  const code = isMessagingError(error) ? error.code : 'exception';
  const isOpen = wasOpen || delivery !== 'no';
  if (code === 'session.expired') return { state: 'waiting', reason: code, isOpen, isUnheard: true, dueInMs: 0, endsRun: true };
  if (code === 'closed') return { state: 'pending', reason: code, isOpen, isUnheard: true, dueInMs: 0, endsRun: true };
  if (delivery === 'yes') return unless(true, later(record, code, false, parts));
  if (code === 'message.invalid' || code === 'input.limit' || code === 'transport.unsupported') {
    return unless(isOpen, { state: 'dead', reason: code, reply: code === 'message.invalid' && isMessagingError(error) ? outcomeOf(error.issues) : undefined });
  }
  return later(record, code, isOpen, parts, !wasHeard && /^(transport\.(failed|timeout)|storage\.unavailable)$/.test(code));
}

/** Another try, until `maxSends` is used up; a send that nobody heard of does not use it up. */
function later(record: OutboxRecord, reason: OutboxReason, isOpen: boolean, parts: OutboxParts, isUnheard = false): Outcome {
  return !isUnheard && isExhausted(record, parts)
    ? unless(isOpen, { state: 'dead', reason })
    : { state: 'pending', reason, isOpen, isUnheard, dueInMs: waitMs(record.facts.sends, parts) };
}

/** Whether the sends that somebody heard of have used up `maxSends`. */
export function isExhausted({ facts: { sends, unheard = 0 } }: OutboxRecord, { maxSends = 50 }: OutboxParts): boolean {
  return sends - unheard >= maxSends;
}

/** An end, for a message that was not processed; `uncertain`, a question for a person, where it may have been. */
export function unless(mayHaveArrived: boolean, end: Omit<Outcome, 'isOpen'>): Outcome {
  const ifNot = { ...end, isOpen: false };
  return mayHaveArrived ? { ...end, state: 'uncertain', dueInMs: undefined, isOpen: true, ifNot } : ifNot;
}

/** The wait after a 401: none at the first, since somebody may sign in before the next run; after more in a row the entry makes way for others. */
function signInDelayMs({ facts: { reason, unheard = 0 } }: OutboxRecord, parts: OutboxParts): number {
  return reason === 'http.401' ? waitMs(unheard, parts) : 0;
}

/** The wait after so many sends. */
function waitMs(sends: number, { maxDelayMs = 300_000, random = Math.random }: OutboxParts): number {
  return retryDelayMs(sends, undefined, { initialDelayMs: 5_000, maxDelayMs }, random);
}

function outcomeOf(issues: readonly Issue[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(toOperationOutcome(issues)));
}
