import { isMessagingError, responseRequestOf, retryDelayMs, toOperationOutcome, wantsReply } from '@fhir-messaging/core';
import type { Delivery, Message, OutboxChange, OutboxFacts, OutboxRecord, OutboxState, Reply, Resource } from '@fhir-messaging/core';
import type { OutboxParts } from './outbox-parts.ts';

/** What becomes of an entry. */
export interface Outcome {
  readonly state: OutboxState;
  readonly reason?: string | undefined;
  /** When it is looked at again. */
  readonly dueInMs?: number | undefined;
  /** Whether it may have arrived, and nobody said what became of it. */
  readonly isOpen: boolean;
  readonly reply?: Uint8Array<ArrayBuffer> | undefined;
  /** The id of that reply. */
  readonly repliedBy?: string | undefined;
  /** Whether nobody heard of it. */
  readonly isUnheard?: boolean | undefined;
  /** Whether there is no use in sending others now. */
  readonly endsRun?: boolean | undefined;
}

/** Whether the next of its key may go: it is settled, or in the other side's hands. */
export function isFinished(state: OutboxState): boolean {
  return /^(accepted|overdue|replied|rejected)$/.test(state);
}

/** Whether it left, or may have: what is not sent is taken back, not forgotten. */
export function isSent(state: OutboxState | undefined): boolean {
  return state === 'uncertain' || (state !== undefined && isFinished(state));
}

/** Whether what is kept as its reply is the OperationOutcome of a refusal. */
export function holdsOutcome({ facts: { reason = '' } }: OutboxRecord): boolean {
  return /^(http|refused)/.test(reason);
}

/** An entry in another state, and for what reason; what is not said stays, but for when it is due. */
export function changeTo({ facts }: OutboxRecord, state: OutboxState, change: Partial<OutboxFacts & Omit<OutboxChange, 'facts' | 'isFinished'>> = {}): OutboxChange {
  const { dueInMs, leaseMs, content, reply, ...others } = change;
  return { facts: { ...facts, reason: undefined, ...others, state }, isFinished: isFinished(state), dueInMs, leaseMs, content, reply };
}

/**
 * What a reply makes of an entry.
 *
 * @param wasOpen - whether it may have arrived before this send, unanswered.
 * @param wasAnswered - whether every attempt of this send was answered.
 */
export function afterReply(record: OutboxRecord, message: Message, reply: Reply<Resource>, wasOpen: boolean, wasAnswered: boolean, parts: OutboxParts): Outcome {
  switch (reply.kind) {
    case 'ok':
    case 'fatal-error':
      return { state: reply.kind === 'ok' ? 'replied' : 'rejected', reason: reply.kind === 'ok' ? undefined : reply.kind, isOpen: false, reply: reply.message.bytes, repliedBy: reply.message.identity.message };
    case 'processed':
      return { state: 'replied', isOpen: false };
    case 'accepted': {
      const awaits = wantsReply(responseRequestOf(message.graph.header, message.event?.reply), 'ok');
      return { state: 'accepted', reason: reply.duplicate ? 'duplicate' : undefined, isOpen: false, dueInMs: awaits ? (parts.replyWithinMs ?? 86_400_000) : undefined };
    }
    case 'transient-error': {
      const isOpen = wasOpen || !wasAnswered;
      return reply.pinned ? { state: isOpen ? 'uncertain' : 'dead', reason: 'pinned', isOpen } : later(record, reply.kind, isOpen, parts);
    }
    case 'refused': {
      const status = reply.http?.status;
      const reason = status === undefined ? 'refused' : `http.${status}`;
      const isOpen = wasOpen || reply.mayHaveArrived;
      if (status === 401) return { state: 'waiting', reason, isOpen, isUnheard: true, dueInMs: 0, endsRun: true };
      const outcome = new TextEncoder().encode(JSON.stringify(toOperationOutcome(reply.issues)));
      return { state: isOpen ? 'uncertain' : 'rejected', reason, isOpen, reply: outcome };
    }
  }
}

/** What becomes of an entry whose send ended without a reply. */
export function afterError(record: OutboxRecord, error: unknown, delivery: Delivery, wasOpen: boolean, parts: OutboxParts): Outcome {
  const code = isMessagingError(error) ? error.code : 'exception';
  const isOpen = wasOpen || delivery !== 'no';
  if (code === 'session.expired') return { state: 'waiting', reason: code, isOpen, isUnheard: true, dueInMs: 0, endsRun: true };
  if (code === 'closed') return { state: 'pending', reason: code, isOpen, isUnheard: true, dueInMs: 0, endsRun: true };
  if (delivery === 'yes') return { state: 'uncertain', reason: code, isOpen };
  if (code === 'message.invalid' || code === 'input.limit' || code === 'transport.unsupported') return { state: isOpen ? 'uncertain' : 'dead', reason: code, isOpen };
  return later(record, code, isOpen, parts, code === 'transport.failed' && delivery === 'no');
}

/** Another try, as long as there is patience: with whoever hears of it, not with a connection that is not there. */
function later({ facts: { sends, unheard = 0 } }: OutboxRecord, reason: string, isOpen: boolean, parts: OutboxParts, isUnheard = false): Outcome {
  const { maxSends = 50, maxDelayMs = 300_000, random = Math.random } = parts;
  return !isUnheard && sends - unheard >= maxSends
    ? { state: isOpen ? 'uncertain' : 'dead', reason, isOpen }
    : { state: 'pending', reason, isOpen, isUnheard, dueInMs: retryDelayMs(sends, undefined, { initialDelayMs: 5_000, maxDelayMs }, random) };
}
