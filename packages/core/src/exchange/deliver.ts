import { isMessagingError, MessagingError } from '../errors.ts';
import type { Delivery } from '../errors.ts';
import { r4, r5, identityOf } from '../message/identity.ts';
import type { IdentityStrategy, MessageId } from '../message/identity.ts';
import type { Message } from '../message/message.ts';
import { resendOf } from './new-envelope.ts';
import { tell } from './progress.ts';
import type { Observer, ProgressEvent } from './progress.ts';
import { readReceipt } from './read-receipt.ts';
import type { Reply } from './reply.ts';
import { delayMs, mayTryAgain } from './retry.ts';
import type { Peer, RetryOptions } from './retry.ts';
import { sleep, withTimeLimit } from './time-limit.ts';
import type { Transport } from './transport.ts';

/** How messages are delivered. */
export interface DeliveryOptions {
  /** How the other side names messages. @defaultValue by release: `r4`, `r5` */
  readonly identity?: IdentityStrategy | undefined;
  readonly retry?: RetryOptions | undefined;
  /** What is known of the other side. */
  readonly peer?: Peer | undefined;
  /** How long one attempt may take, in milliseconds. @defaultValue 30_000 */
  readonly timeoutMs?: number | undefined;
  /** Is told of the progress of every send. */
  readonly observe?: Observer | undefined;
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
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: Observer | undefined;
}

/** Sends a message until it is settled, or until trying again would not be safe or is of no use. */
export async function deliver(message: Message, options: Delivering): Promise<Reply> {
  const { transport, signal, retry = {}, timeoutMs = 30_000 } = options;
  const identity = options.identity ?? (message.release === 'R5' ? r5 : r4);
  const category = message.event?.category ?? 'consequence';
  const now = options.now ?? Date.now;
  const newId = options.newId ?? (() => crypto.randomUUID());
  const notify = (event: ProgressEvent): void => {
    tell([options.observe, options.onProgress], event);
  };
  const startedAt = now();
  const ids: MessageId[] = [];
  let current = message;
  let mayHaveArrived = false;

  const aborted = (error: unknown, attempt: number, delivery: Delivery): unknown => {
    notify({ kind: 'delivery', attempt, delivery });
    return error;
  };
  if (signal?.aborted === true) {
    throw aborted(signal.reason, 0, 'no');
  }

  for (let attempt = 1; ; attempt += 1) {
    ids.push(...identityOf(current.graph, identity).ids);
    let outcome: Reply | MessagingError;
    let headers: Headers | undefined;
    notify({ kind: 'attempt', attempt });
    try {
      const { bytes } = current;
      const sent = current;
      const receipt = await withTimeLimit(timeoutMs, signal, (limited) => transport({ bytes, message: sent, attempt, signal: limited }));
      headers = receipt.headers;
      outcome = readReceipt(receipt, { message, ids, identity, attempts: attempt, mayHaveArrived });
    } catch (error) {
      if (!isMessagingError(error)) {
        throw aborted(error, attempt, 'unknown');
      }
      outcome = error;
    }

    if ('kind' in outcome) {
      notify({ kind: 'replied', attempt, reply: outcome.kind });
    } else {
      mayHaveArrived ||= outcome.delivery !== 'no';
    }
    const reliableCacheMinutes = options.peer?.reliableCacheMinutes ?? identity.reliableCacheMinutes;
    if (!mayTryAgain(outcome, { attempt, category, options: retry, reliableCacheMinutes, elapsedMs: now() - startedAt })) {
      if ('kind' in outcome) {
        return outcome;
      }
      const error = withDelivery(outcome, attempt, mayHaveArrived);
      notify({ kind: 'delivery', attempt, delivery: error.delivery ?? 'unknown' });
      throw error;
    }
    const wait = delayMs(attempt, headers, retry, options.random ?? Math.random);
    notify({ kind: 'waiting', attempt: attempt + 1, delayMs: wait });
    await (options.sleep ?? sleep)(wait, signal).catch((reason: unknown) => {
      throw aborted(reason, attempt, mayHaveArrived ? 'unknown' : 'no');
    });
    current = resendOf(current, identity.resend[category], newId);
  }
}

/** The last attempt's error, which knows of its own attempt only: an earlier one may have arrived. */
function withDelivery(error: MessagingError, attempts: number, mayHaveArrived: boolean): MessagingError {
  const { code, message, issues, status, cause } = error;
  const delivery = error.delivery === 'yes' ? 'yes' : mayHaveArrived ? 'unknown' : (error.delivery ?? 'unknown');
  return new MessagingError(code, message, { issues, status, cause, attempts, delivery });
}
