import { isMessagingError, MessagingError, toIssues } from '@fhir-messaging/core';
import type { ErrorCode, Issue } from '@fhir-messaging/core';
import type { AboutMessage, Receiver } from '@fhir-messaging/receiver';
import { consume } from './consume.ts';
import type { ConsumeOptions } from './consume.ts';
import type { BrokerDelivery } from './broker-delivery.ts';
import { deadLetterOutcome } from './dead-letter-outcome.ts';
import type { OutgoingReply } from './outgoing-reply.ts';
import { report } from './report.ts';
import type { Reporting } from './report.ts';
import { redeliveryDelayMs, retryDelays } from './retry-delay.ts';
import type { Verdict } from './verdict.ts';

/** A queue's client, for the work on its deliveries. Each publishing resolves when the broker confirmed it. */
export interface QueueLine {
  readonly publishReply: (reply: OutgoingReply) => Promise<void>;
  /** Puts a delivery, as it came, where the dead letters are, with the reason. */
  readonly publishDead: (delivery: BrokerDelivery, outcome: string) => Promise<void>;
  /** Hands a delivery over again, as its next attempt; rejects with `input.limit` where it is too large for that. Without it, a delivery is held until something became of it. */
  readonly publishAgain?: ((delivery: BrokerDelivery, delayMs: number) => Promise<void>) | undefined;
  /** Waits; rejects where the consumer is closed, or the delivery is another's: the work on it then ends with that error. */
  readonly wait: (delayMs: number) => Promise<void>;
}

/** The options of working on a queue, those of consuming included. */
export interface WorkOptions<TContext> extends ConsumeOptions<TContext> {
  /** The waits before the second attempt, the third, and so on; the last one counts for every further one. @defaultValue [1_000, 10_000, 60_000] */
  readonly retryDelaysMs?: readonly number[] | undefined;
}

/**
 * Works on one delivery until the broker can be told.
 *
 * @param maxAttempts - in place of the options' own.
 * @returns `acknowledge` when its outcome is stored and its reply confirmed, or its dead letter, or its next attempt is; `return` when none of that
 * could be done, so that the broker hands it over again.
 */
export async function workOn<TContext>(
  delivery: BrokerDelivery,
  receiver: Receiver<TContext, unknown>,
  line: QueueLine,
  options: WorkOptions<TContext>,
  maxAttempts?: number,
): Promise<'acknowledge' | 'return'> {
  const { signal } = delivery;
  const delaysMs = retryDelays(options.retryDelaysMs);
  for (let { attempt } = delivery; ; attempt += 1) {
    const verdict = await consume({ ...delivery, attempt }, receiver, options, maxAttempts);
    if (verdict.kind === 'again' && signal.aborted) {
      return 'return';
    }
    const delayMs = redeliveryDelayMs(attempt, delaysMs, verdict.kind === 'again' ? verdict.afterMs : undefined);
    if (verdict.kind === 'again' && (line.publishAgain === undefined || verdict.isUncounted)) {
      await line.wait(delayMs);
      if (verdict.isUncounted) attempt -= 1;
      continue;
    }
    return settle(verdict, { ...delivery, attempt }, delayMs, line, options);
  }
}

/** Does what a verdict asks for. In strict order a failure is tried again: a delivery that is given back would come after those behind it. */
async function settle(verdict: Verdict, delivery: BrokerDelivery, delayMs: number, line: QueueLine, options: Reporting): Promise<'acknowledge' | 'return'> {
  const act = actOf(verdict, delivery, delayMs, line, options);
  for (;;) {
    try {
      await act();
      return 'acknowledge';
    } catch (error) {
      report(error, options, verdict.about);
      await line.wait(delayMs);
      if (line.publishAgain !== undefined || delivery.signal.aborted) return 'return';
    }
  }
}

/** What a verdict asks for; once more, it is what is left of that. */
function actOf(verdict: Verdict, delivery: BrokerDelivery, delayMs: number, line: QueueLine, options: Reporting): () => Promise<void> {
  const { about, issues, reply: outgoing } = verdict;
  let isTold: boolean | undefined;
  const answer = async (): Promise<void> => {
    if (outgoing !== undefined) isTold ??= await reply(outgoing, line, options, about);
  };
  const bury = async (outcome: string, code: ErrorCode): Promise<void> => {
    await line.publishDead(delivery, outcome);
    report(new MessagingError(code, 'A message became a dead letter.', { issues: toIssues(JSON.parse(outcome)), attempts: delivery.attempt }), options, about);
  };
  if (verdict.kind === 'again') {
    return async () => {
      try {
        await line.publishAgain?.(delivery, delayMs);
      } catch (error) {
        if (!isMessagingError(error) || error.code !== 'input.limit') throw error;
        report(error, options, about);
        await answer();
        await bury(deadLetterOutcome([tooLarge], issues), 'input.limit');
      }
    };
  }
  const { kind, outcome } = verdict;
  const code = issues.some(({ rule }) => rule === 'broker.attempts') ? 'transport.timeout' : 'message.invalid';
  return async () => {
    await answer();
    if (outcome !== undefined && (kind === 'dead' || isTold === false)) await bury(outcome, code);
  };
}

/** Why a message has no next attempt that may yet have some. */
const tooLarge: Issue = { severity: 'error', code: 'too-long', rule: 'broker.size', diagnostics: 'Where messages wait for their next attempt, none of its size is taken.' };

/** Errors of a reply that can never go out: its queue is gone, since nobody waits any more, or it is too large for the broker. */
const inVain: ReadonlySet<string> = new Set(['address.refused', 'input.limit']);

/**
 * Publishes a reply. One that can never go out is given up, since it would hold its request for ever: a resend is answered with the stored outcome.
 *
 * @returns whether it went out.
 */
async function reply(outgoing: OutgoingReply, line: QueueLine, options: Reporting, about: AboutMessage | undefined): Promise<boolean> {
  try {
    await line.publishReply(outgoing);
    return true;
  } catch (error) {
    if (!isMessagingError(error) || error.delivery !== 'no' || !inVain.has(error.code)) {
      throw error;
    }
    report(error, options, about);
    return false;
  }
}
