import { isMessagingError, MessagingError } from '../errors.ts';
import type { Delivery, MessagingErrorFacts } from '../errors.ts';
import { identityOf, strategyFor } from '../message/identity.ts';
import type { IdentityStrategy, MessageId, ResendRule } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import { attemptOnce } from './attempt.ts';
import { requireOwnCheck } from './own-check.ts';
import type { OwnCheck } from './own-check.ts';
import { tell } from './progress.ts';
import type { ProgressEvent, ProgressListener } from './progress.ts';
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
  /** How the other side names messages. @defaultValue by release: `r4`, `r5` */
  readonly identity?: IdentityStrategy | undefined;
  /** How often, and how patiently, a message is sent again. */
  readonly retry?: RetryOptions | undefined;
  /** What is known of the other side. */
  readonly peer?: Peer | undefined;
  /** How long one attempt may take, in milliseconds. @defaultValue 30_000 */
  readonly timeoutMs?: number | undefined;
  /** Is told of the progress of every send. What it throws is ignored. */
  readonly observe?: ProgressListener | undefined;
  /** Waits between attempts, and rejects with the signal's reason; for tests. */
  readonly sleep?: ((delayMs: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** A number in [0, 1) that the wait is drawn with; for tests. */
  readonly random?: (() => number) | undefined;
  /** The time in milliseconds; for tests. */
  readonly now?: (() => number) | undefined;
  /** Gives a fresh UUID; for tests. */
  readonly newId?: (() => string) | undefined;
}

/** One delivery. */
export interface Delivering extends DeliveryOptions {
  readonly transport: Transport;
  readonly check?: OwnCheck | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** Asks for an asynchronous exchange. */
  readonly async?: boolean | undefined;
  /** Where its reply goes. */
  readonly responseUrl?: string | undefined;
  readonly onLeaving?: (() => void) | undefined;
  /** Is told of each attempt before it is made; a reply that came meanwhile another way ends the send. */
  readonly beforeAttempt?: ((attempt: number, ids: readonly MessageId[]) => Promise<MessageReply | undefined>) | undefined;
}

/**
 * Sends a message until it is settled, or until trying again would not be safe or is of no use.
 *
 * Where it ends without a reply, the last progress event says what is known of the message's arrival; so does the error, where it is ours.
 */
export async function deliver(message: Message, options: Delivering): Promise<Reply> {
  const { transport, signal, async, responseUrl, onLeaving, timeoutMs = 30_000, now = Date.now, random = Math.random } = options;
  const { maxTotalMs = Math.max(300_000, timeoutMs) } = options.retry ?? {};
  const retry = { ...options.retry, maxTotalMs };
  const identity = strategyFor(message.release, options.identity);
  const category = message.event?.category ?? 'consequence';
  // What has no name nobody can recognise.
  const isNamed = identityOf(message, identity).message !== undefined;
  const reliableCacheMinutes = isNamed ? (options.peer?.reliableCacheMinutes ?? identity.reliableCacheMinutes) : 0;
  const newId = options.newId ?? (() => crypto.randomUUID());
  const notify = (event: ProgressEvent): void => {
    tell([options.observe, options.onProgress], event);
  };
  const ids: MessageId[] = [];
  let current = message;
  let attempt = 0;
  let arrived: Delivery = 'no';
  let mayHaveArrived = false;
  let transient: MessageReply | undefined;
  const announce = (): Promise<MessageReply | undefined> | undefined => {
    signal?.throwIfAborted();
    ids.push(...identityOf(current, identity).ids);
    const told = options.beforeAttempt?.(attempt + 1, ids);
    return told && untilAborted(told, signal);
  };

  try {
    signal?.throwIfAborted();
    await requireOwnCheck(message, options.check, signal);
    let elsewhere = await announce();
    const startedAt = now();
    for (;;) {
      if (elsewhere !== undefined) {
        return elsewhere;
      }
      const limitMs = Math.min(timeoutMs, startedAt + longestMs({ category, options: retry, reliableCacheMinutes, mayHaveArrived }) - now());
      if (!(limitMs > 0)) {
        throw new MessagingError('transport.timeout', 'There is no time for an attempt.');
      }
      attempt += 1;
      notify({ kind: 'attempt', attempt });
      // Whoever is told of an attempt may still stop it.
      signal?.throwIfAborted();

      const before: Delivery = arrived;
      arrived = 'unknown';
      const own = attempt;
      let stopped = before;
      const leave = (): void => {
        // An attempt whose time was up says nothing of the one after it.
        const isOwn = own === attempt;
        if (isOwn) arrived = stopped;
        try {
          onLeaving?.();
        } catch (cause) {
          throw new MessagingError('transport.failed', 'onLeaving failed.', { delivery: stopped, cause });
        }
        // An adapter that repeats a request calls this again: the first one left.
        stopped = 'unknown';
        if (isOwn && !signal?.aborted) arrived = stopped;
      };
      const result = await attemptOnce(current, { transport, timeoutMs: limitMs, signal, attempt, ids, identity, mayHaveArrived, async, responseUrl, onLeaving: leave, notify });
      const { receipt } = result;
      const outcome = pinnedAfter(transient, result.outcome, identity);
      arrived = arrivalAfter(before, outcome);
      if ('kind' in outcome) {
        const { kind } = outcome;
        notify(kind === 'accepted' ? { kind, attempt, duplicate: outcome.duplicate } : { kind: 'replied', attempt, reply: kind });
        transient = kind === 'transient-error' ? outcome : undefined;
      } else {
        mayHaveArrived ||= outcome.delivery !== 'no';
      }

      const mayGoOn = (aheadMs: number): boolean =>
        mayTryAgain(outcome, { attempt, category, options: retry, reliableCacheMinutes, mayHaveArrived, elapsedMs: now() - startedAt + aheadMs });
      // Nearly every send ends here: how long its headers ask to wait is of interest to the others alone.
      const waitMs = mayGoOn(0) ? retryDelayMs(attempt, receipt?.headers, retry, random) : Infinity;
      let goesOn = mayGoOn(waitMs);
      if (goesOn) {
        notify({ kind: 'waiting', attempt: attempt + 1, delayMs: waitMs, untilMs: now() + waitMs });
        await (options.sleep ?? sleep)(waitMs, signal);
        current = resendOf(current, transient?.pinned === true ? freshRule(identity) : identity.resend[category], newId);
        elsewhere = await announce();
        // What was suspended meanwhile wakes up late: what was safe before the wait may not be now.
        goesOn = elsewhere !== undefined || mayGoOn(0);
      }
      if (!goesOn) {
        if ('kind' in outcome) {
          return outcome;
        }
        throw finalError(outcome, { status: outcome.status ?? receipt?.status, attempts: attempt, delivery: arrived });
      }
    }
  } catch (error) {
    notify({ kind: 'delivery', attempt, delivery: arrived });
    // The signal's own reason stays what it is.
    throw isMessagingError(error) && error.delivery === undefined && error !== signal?.reason ? finalError(error, { delivery: arrived, attempts: attempt }) : error;
  }
}

/** A reply that comes to a resend as it came before is one that the other side replays: it marks the reply so. */
function pinnedAfter(before: MessageReply | undefined, outcome: Reply | MessagingError, identity: IdentityStrategy): Reply | MessagingError {
  const isPinned = before !== undefined && 'kind' in outcome && outcome.kind === before.kind && replyIdOf(outcome.message, identity) === replyIdOf(before.message, identity);
  return isPinned ? { ...outcome, pinned: true } : outcome;
}

/** What a resend changes so that the other side takes it for a new one. */
function freshRule({ envelope }: IdentityStrategy): ResendRule {
  return envelope === undefined ? 'new-message' : 'new-envelope';
}

/** What is known of the message's arrival after one more attempt: `no` only where none can have arrived. */
function arrivalAfter(before: Delivery, outcome: Reply | MessagingError): Delivery {
  if ('kind' in outcome) {
    return 'yes';
  }
  return outcome.delivery === 'no' && before !== 'no' ? 'unknown' : (outcome.delivery ?? 'unknown');
}

/** The last attempt's error knows of its own attempt only; this one of all. */
function finalError({ code, message, issues, cause }: MessagingError, facts: MessagingErrorFacts): MessagingError {
  return new MessagingError(code, message, { issues, cause, ...facts });
}
