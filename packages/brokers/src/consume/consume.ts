import { isMessagingError, MessagingError } from '@fhir-messaging/core';
import type { Issue, ReadLimits } from '@fhir-messaging/core';
import type { AboutMessage, ProcessResult, Receiver } from '@fhir-messaging/receiver';
import { findDisagreements } from '../mapping/find-disagreements.ts';
import { factsOf } from '../mapping/message-facts.ts';
import { aboutBundle } from './about-bundle.ts';
import { deadLetterOutcome } from './dead-letter-outcome.ts';
import type { BrokerDelivery } from './broker-delivery.ts';
import { outgoingReply } from './outgoing-reply.ts';
import type { OutgoingReply } from './outgoing-reply.ts';
import type { ReplyTargets } from './reply-targets.ts';
import { report } from './report.ts';
import type { Verdict } from './verdict.ts';

/** The options of every broker's receiver. */
export interface ConsumeOptions<TContext> {
  /** Where replies may go: names, or beginnings that end in `*`. The sender of a message chooses its reply's target. @defaultValue none */
  readonly replyTargets?: ReplyTargets | undefined;
  /**
   * The sender of a message, where you know it of the queue or topic, as of one that a single party may write to; ids count within a sender. A
   * delivery's claims are the sender's own words: no broker vouches for them. @defaultValue senders are told apart by what their messages say
   */
  readonly senderOf?: ((delivery: BrokerDelivery) => string | undefined) | undefined;
  /** Makes the handlers' `context`. */
  readonly context?: ((delivery: BrokerDelivery) => TContext) | undefined;
  readonly limits?: ReadLimits | undefined;
  /** How often a message that comes to no outcome is handed over before it is a dead letter. @defaultValue 10; without end on Kafka in `strict` order */
  readonly maxAttempts?: number | undefined;
  /**
   * Is told of dead letters, of replies that could go nowhere, of a cache that failed (`storage.unavailable`), and of errors in this process; by the
   * second argument of which message, where it could be read. What a handler threw is told to the receiver's own `onError`, a `transient-error` to
   * nobody. What it throws, or rejects with, is ignored.
   */
  readonly onError?: ((error: unknown, about?: AboutMessage) => void) | undefined;
}

/**
 * Takes one delivery through the receiver, and says what is to become of it.
 *
 * A message is `done` with a `fatal-error` whose reply has an allowed target; the verdict has a dead letter's reason too, in case the reply cannot go
 * out. Without such a target it is a dead letter, and so is a message that cannot be read, that its properties contradict, or that came to no outcome
 * within `maxAttempts`.
 *
 * @param maxAttempts - in place of the options' own.
 */
export async function consume<TContext>(
  delivery: BrokerDelivery,
  receiver: Receiver<TContext, unknown>,
  options: ConsumeOptions<TContext>,
  maxAttempts?: number,
): Promise<Verdict>;
export async function consume(
  delivery: BrokerDelivery,
  receiver: Receiver<unknown, unknown>,
  options: ConsumeOptions<unknown>,
  maxAttempts: number = options.maxAttempts ?? 10,
): Promise<Verdict> {
  let about: AboutMessage | undefined;
  // The options are not copied: an instance of a class would lose its methods, and with `senderOf` who sent a message.
  const parts: ConsumeParts = { maxAttempts, tellError: (error) => report(error, options, about), tellRead: (read) => (about = read) };
  const verdict = await verdictOn(delivery, receiver, options, parts);
  return about === undefined ? verdict : { ...verdict, about };
}

/** What goes beside the options through the work on one delivery. */
interface ConsumeParts {
  readonly maxAttempts: number;
  readonly tellError: (error: unknown) => void;
  readonly tellRead: (about: AboutMessage) => void;
}

async function verdictOn(delivery: BrokerDelivery, receiver: Receiver<unknown, unknown>, options: ConsumeOptions<unknown>, parts: ConsumeParts): Promise<Verdict> {
  const { tellError, tellRead, maxAttempts } = parts;
  const { bytes, claims, signal } = delivery;
  let disagreements: readonly Issue[] = [];
  let sender: string | undefined;
  const check = (bundle: object): readonly Issue[] => {
    tellRead(aboutBundle(bundle, sender));
    disagreements = findDisagreements(claims, factsOf(bundle));
    return disagreements;
  };
  let result: ProcessResult;
  try {
    sender = options.senderOf?.(delivery);
    result = await receiver.process(bytes, { sender, signal, context: options.context?.(delivery), limits: options.limits, check, errors: 'message' });
  } catch (error) {
    if (isMessagingError(error) && error.code === 'closed') {
      return { kind: 'again', afterMs: undefined, issues: [], isUncounted: true };
    }
    if (!signal.aborted) tellError(error);
    return again(delivery, maxAttempts, [], undefined, undefined);
  }
  if (disagreements.length > 0) {
    return dead(disagreements, []);
  }
  const { status, issues, retryAfterSeconds, responseCode, cacheState } = result;
  const afterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000;
  // The first message is still being processed elsewhere: nothing was tried here, so this is no attempt, and nobody is told.
  if (cacheState === 'in-flight') {
    return { kind: 'again', afterMs, issues, isUncounted: true };
  }
  if (cacheState === 'unavailable') {
    tellError(new MessagingError('storage.unavailable', "The receiver's cache failed before a message was begun; its own onError has the cause.", { issues }));
  }
  if (result.bytes === undefined) {
    return status < 400
      ? { kind: 'done', reply: undefined, issues }
      : status < 500
        ? dead([], issues)
        : again(delivery, maxAttempts, issues, afterMs, undefined);
  }
  const reply = outgoingReply(delivery, result.bytes, { sender, replyTargets: options.replyTargets, tellError });
  if (responseCode === 'transient-error') {
    return again(delivery, maxAttempts, issues, afterMs, reply);
  }
  if (responseCode === 'ok') {
    return { kind: 'done', reply, issues };
  }
  return reply === undefined ? dead([], issues) : { kind: 'done', reply, issues, outcome: deadLetterOutcome([], issues) };
}

function again(
  { attempt, signal }: BrokerDelivery,
  maxAttempts: number,
  issues: readonly Issue[],
  afterMs: number | undefined,
  reply: OutgoingReply | undefined,
): Verdict {
  if (attempt < maxAttempts || signal.aborted) {
    return { kind: 'again', reply, afterMs, issues, isUncounted: false };
  }
  const over: Issue = { severity: 'error', code: 'too-costly', rule: 'broker.attempts', diagnostics: `It came to no outcome in ${attempt} attempts.` };
  return dead([over], issues, reply);
}

function dead(own: readonly Issue[], issues: readonly Issue[], reply?: OutgoingReply): Verdict {
  return { kind: 'dead', reply, issues: [...own, ...issues], outcome: deadLetterOutcome(own, issues) };
}
