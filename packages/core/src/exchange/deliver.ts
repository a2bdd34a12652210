import { isMessagingError, MessagingError } from '../errors.ts';
import type { ErrorCode, MessagingErrorFacts } from '../errors.ts';
import { identityOf, strategyFor } from '../message/identity.ts';
import type { IdentityStrategy, MessageId, ResendRule } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import { followArrival } from './arrival.ts';
import { attemptOnce } from './attempt.ts';
import type { AttemptResult } from './attempt.ts';
import { requireOwnCheck } from './own-check.ts';
import type { OwnCheck } from './own-check.ts';
import type { ProgressEvent } from './progress.ts';
import type { MessageReply, Reply } from './reply.ts';
import { replyIdOf } from './reply-id.ts';
import { resendOf } from './resend-of.ts';
import { longestMs, mayTryAgain, retryDelayMs } from './retry.ts';
import type { Peer, RetryOptions } from './retry.ts';
import { sleep } from './timer.ts';
import type { Transport } from './transport.ts';
import { untilAborted } from './until-aborted.ts';

/** How messages are delivered. */
export interface DeliveryOptions {
  /** How the other side names messages: decides how they are sent and matched, not what `messenger.create` writes. @defaultValue by release: `r4`, `r5` */
  readonly identity?: IdentityStrategy | undefined;
  /** How often, and how patiently, a message is sent again. */
  readonly retry?: RetryOptions | undefined;
  /** What is known of the other side. */
  readonly peer?: Peer | undefined;
  /** How long one attempt may take, in milliseconds. @defaultValue 30_000 */
  readonly timeoutMs?: number | undefined;
  /** Waits between attempts, and rejects with the signal's reason; for tests. */
  readonly sleep?: ((delayMs: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** A number in [0, 1) that the wait is drawn with; for tests. */
  readonly random?: (() => number) | undefined;
  /** The time in milliseconds; for tests. */
  readonly now?: (() => number) | undefined;
  /** Gives a fresh UUID; for tests, and for pages without a secure context. @defaultValue crypto.randomUUID, which those lack */
  readonly newId?: (() => string) | undefined;
}

/** What delivers: a messenger's own options, which may be an instance of a class. */
interface Deliverer extends DeliveryOptions {
  readonly transport: Transport;
  readonly check?: OwnCheck | undefined;
}

/** One delivery. */
export interface Delivering {
  readonly signal?: AbortSignal | undefined;
  /** Tells whoever wants to know. */
  readonly notify: (event: ProgressEvent) => void;
  /** Asks for an asynchronous exchange. */
  readonly async?: boolean | undefined;
  /** Where its reply goes. */
  readonly responseUrl?: string | undefined;
  readonly onLeaving?: (() => void) | undefined;
  /** Is told of each attempt before it is made. */
  readonly beforeAttempt?: ((attempt: number, ids: readonly MessageId[]) => Promise<void>) | undefined;
  /** The reply that came another way meanwhile: it ends the send. */
  readonly replyElsewhere?: (() => MessageReply | undefined) | undefined;
  /** Gets the ids of the replies that said `transient-error` on the connection of an attempt. */
  readonly transientIds?: Set<string> | undefined;
}

/**
 * Sends a message until it is settled, or until trying again would not be safe or is of no use.
 *
 * When the send ends without a reply, the last progress event says what is known of the message's arrival, and so does a MessagingError.
 */
export async function deliver(message: Message, options: Deliverer, sending: Delivering): Promise<Reply> {
  const { timeoutMs = 30_000, now = Date.now, random = Math.random } = options;
  const { signal, notify } = sending;
  const { maxAttempts, initialDelayMs, maxDelayMs, maxTotalMs = Math.max(300_000, timeoutMs), whenDeliveryUnknown } = options.retry ?? {};
  const retry: RetryOptions = { maxAttempts, initialDelayMs, maxDelayMs, maxTotalMs, whenDeliveryUnknown };
  const identity = strategyFor(message.release, options.identity);
  const category = message.event?.category ?? 'consequence';
  // Nobody can recognise a message without a name.
  const isNamed = identityOf(message, identity).message !== undefined;
  const reliableCacheMinutes = isNamed ? (options.peer?.reliableCacheMinutes ?? identity.reliableCacheMinutes) : 0;
  const newId = options.newId ?? (() => crypto.randomUUID());
  // One for all attempts: options that change while a message waits would send it again to somebody else.
  const transport = options.transport.bind(options);
  const arrival = followArrival();
  const ids: MessageId[] = [];
  let current = message;
  let attempt = 0;
  let startedAt: number;
  let transient: MessageReply | undefined;

  /** Announces an attempt; gives the reply that came another way meanwhile, which makes the attempt needless. */
  async function announce(): Promise<MessageReply | undefined> {
    signal?.throwIfAborted();
    ids.push(...identityOf(current, identity).ids);
    const told = sending.beforeAttempt?.(attempt + 1, ids);
    if (told) await untilAborted(told, signal);
    return sending.replyElsewhere?.();
  }

  async function makeAttempt(): Promise<AttemptResult> {
    const { unanswered: mayHaveArrived } = arrival;
    const untilMs = startedAt + longestMs({ category, options: retry, reliableCacheMinutes, mayHaveArrived });
    const limitMs = Math.min(timeoutMs, untilMs - now());
    if (!(limitMs > 0)) {
      throw new MessagingError('transport.timeout', 'There is no time for an attempt.');
    }
    attempt += 1;
    notify({ kind: 'attempt', attempt });
    // A listener that was just told of the attempt may have stopped it.
    signal?.throwIfAborted();
    const onLeaving = arrival.begin(sending.onLeaving, signal);
    const result = await attemptOnce(current, transport, { ...sending, timeoutMs: limitMs, attempt, ids, identity, mayHaveArrived, onLeaving });
    const outcome = pinnedAfter(transient, result.outcome, identity);
    arrival.end(outcome);
    if ('kind' in outcome) {
      const { kind } = outcome;
      notify(kind === 'accepted' ? { kind, attempt, duplicate: outcome.duplicate } : { kind: 'replied', attempt, reply: kind });
      transient = kind === 'transient-error' ? outcome : undefined;
      if (transient) sending.transientIds?.add(replyIdOf(transient.message, identity));
    }
    return { ...result, outcome };
  }

  function mayGoOn(outcome: Reply | MessagingError, waitMs: number): boolean {
    return mayTryAgain(outcome, { attempt, category, options: retry, reliableCacheMinutes, mayHaveArrived: arrival.unanswered, elapsedMs: now() - startedAt + waitMs });
  }

  /** How long to wait before another attempt; `undefined` where none may be made. */
  function waitAfter({ outcome, receipt }: AttemptResult): number | undefined {
    // Asked before the wait is added too: it would hide a part of how far a clock was set back.
    if (!mayGoOn(outcome, 0)) return undefined;
    const waitMs = retryDelayMs(attempt, receipt?.headers, retry, random);
    return mayGoOn(outcome, waitMs) ? waitMs : undefined;
  }

  async function wait(waitMs: number, code: ErrorCode | undefined): Promise<void> {
    notify({ kind: 'waiting', attempt: attempt + 1, delayMs: waitMs, untilMs: now() + waitMs, unanswered: arrival.unanswered, code });
    await (options.sleep ?? sleep)(waitMs, signal);
    current = resendOf(current, transient?.pinned === true ? freshRule(identity) : identity.resend[category], newId);
  }

  /** Ends the send with what the last attempt came to. */
  function conclude({ outcome, receipt }: AttemptResult): Reply {
    if (!('kind' in outcome)) {
      throw finalError(outcome, { status: outcome.status ?? receipt?.status, attempts: attempt, delivery: arrival.known });
    }
    const replyElsewhere = sending.replyElsewhere?.();
    // A transient-error may be of an earlier attempt: it does not undo what this one was told.
    const isDone = outcome.kind === 'processed' && attempt > 1 && replyElsewhere?.kind === 'transient-error';
    // What was taken over has its reply later; any other answer says less than a reply that is here.
    return outcome.kind === 'accepted' || 'message' in outcome || isDone ? outcome : (replyElsewhere ?? outcome);
  }

  try {
    signal?.throwIfAborted();
    await requireOwnCheck(message, options, signal);
    const replyBefore = await announce();
    if (replyBefore) return replyBefore;
    startedAt = now();
    for (;;) {
      const result = await makeAttempt();
      const waitMs = waitAfter(result);
      if (waitMs === undefined) return conclude(result);
      await wait(waitMs, 'kind' in result.outcome ? undefined : result.outcome.code);
      const replyMeanwhile = await announce();
      if (replyMeanwhile) return replyMeanwhile;
      // A process that was suspended during the wait wakes up late: an attempt that was safe before may not be now.
      if (!mayGoOn(result.outcome, 0)) return conclude(result);
    }
  } catch (error) {
    const elsewhere = sending.replyElsewhere?.();
    if (elsewhere) return elsewhere;
    const { known: delivery, unanswered } = arrival;
    notify({ kind: 'delivery', attempt, delivery, unanswered, code: isMessagingError(error) ? error.code : undefined });
    // The signal's own reason stays what it is.
    throw isMessagingError(error) && error.delivery === undefined && error !== signal?.reason ? finalError(error, { delivery, attempts: attempt }) : error;
  }
}

/** Marks a reply as pinned where a resend got the same one as the attempt before: the other side replays it. */
function pinnedAfter(before: MessageReply | undefined, outcome: Reply | MessagingError, identity: IdentityStrategy): Reply | MessagingError {
  const isPinned = before !== undefined && 'kind' in outcome && outcome.kind === before.kind && replyIdOf(outcome.message, identity) === replyIdOf(before.message, identity);
  return isPinned ? { ...outcome, pinned: true } : outcome;
}

/** The rule under which the other side takes a resend for a new transmission. */
function freshRule({ envelope }: IdentityStrategy): ResendRule {
  return envelope === undefined ? 'new-message' : 'new-envelope';
}

/** The error of the whole send; the last attempt's own knows that attempt only. */
function finalError({ code, message, issues, cause }: MessagingError, facts: MessagingErrorFacts): MessagingError {
  return new MessagingError(code, message, { issues, cause, ...facts });
}
