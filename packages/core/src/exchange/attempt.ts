import { isMessagingError, MessagingError } from '../errors.ts';
import type { Message } from '../message/message.ts';
import type { ProgressEvent } from './progress.ts';
import { readReceipt } from './read-receipt.ts';
import type { ReceiptContext } from './read-receipt.ts';
import type { Reply } from './reply.ts';
import { withTimeLimit } from './time-limit.ts';
import type { Outgoing, Receipt, Transport } from './transport.ts';

/** The options of one attempt. */
export interface AttemptOptions extends Omit<Outgoing, 'bytes' | 'message' | 'signal'>, Omit<ReceiptContext, 'message' | 'attempts'> {
  readonly timeoutMs: number;
  /** The caller's signal. */
  readonly signal?: AbortSignal | undefined;
  readonly notify: (event: ProgressEvent) => void;
}

/** What came of an attempt. */
export interface AttemptResult {
  /** A reply, or the error that says why there is none. */
  readonly outcome: Reply | MessagingError;
  /** The answer, where there was one. */
  readonly receipt: Receipt | undefined;
}

/**
 * One attempt: hands a message to the transport, and says what its receipt means.
 *
 * It rejects with the signal's own reason when that aborts, and with nothing else that the other side or the transport can cause.
 */
export async function attemptOnce(message: Message, transport: Transport, options: AttemptOptions): Promise<AttemptResult> {
  const { timeoutMs, signal, attempt, async, responseUrl, onLeaving } = options;
  let receipt: Receipt | undefined;
  try {
    const { bytes } = message;
    receipt = await withTimeLimit(timeoutMs, signal, (limited) => transport({ bytes, message, attempt, async, responseUrl, onLeaving, signal: limited }));
    options.notify({ kind: 'sent', attempt, status: receipt.status });
    return { outcome: readReceipt(receipt, { ...options, message, attempts: attempt }), receipt };
  } catch (cause) {
    signal?.throwIfAborted();
    if (isMessagingError(cause)) {
      return { outcome: cause, receipt };
    }
    if (receipt) {
      throw cause;
    }
    // An error of no known kind says nothing of the message's arrival.
    return { outcome: new MessagingError('transport.failed', 'The transport failed.', { delivery: 'unknown', cause }), receipt };
  }
}
