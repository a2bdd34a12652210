import { MessagingError, retryDelayMs } from '@fhir-messaging/core';
import { postReply } from '../reply-address/post-reply.ts';
import type { ReplyOnItsWay } from '../reply-address/post-reply.ts';
import { report } from '../receive/report.ts';
import type { Reception } from '../receive/reception.ts';
import type { CustodyKeeping } from './custody-keeping.ts';

/** The error for a reply that nobody took in time. @param message - the id of the message that it answers. */
export function replyExpired(message: string): MessagingError {
  return new MessagingError('transport.timeout', `A reply was not taken before it expired: that to ${message}. It is posted no more.`);
}

/**
 * Posts a reply until it is taken, or refused, or the time is up.
 *
 * @param expiresAfterMs - from now, counted by the waits between postings.
 * @returns whether the reply was taken or refused; `false` where the signal aborted, the receiver closes, or the time is up: the cache then says
 * whether the message is expired.
 */
export async function deliverReply(
  reply: ReplyOnItsWay,
  expiresAfterMs: number,
  keeping: CustodyKeeping,
  reception: Reception,
  signal: AbortSignal,
): Promise<boolean> {
  const { replyTo, posting } = keeping;
  const { initialDelayMs = 1_000, maxDelayMs = 300_000, random = Math.random } = replyTo;
  let waitedMs = 0;
  for (let attempt = 1; ; attempt += 1) {
    const mustWait = posting.isFullFor(reply.url);
    // Closing does not wait for a posting that still waits for its slot.
    const posted = await posting.run(reply.url, async () => (mustWait && reception.closing.aborted ? undefined : postReply(reply, keeping, signal)));
    if (posted === undefined) {
      return false;
    }
    if (posted.kind !== 'delivered') {
      report(posted.error, reception, reply.about);
    }
    if (posted.kind !== 'failed') {
      return true;
    }
    const delayMs = retryDelayMs(attempt, posted.headers, { initialDelayMs, maxDelayMs }, random);
    waitedMs += delayMs;
    if (waitedMs > expiresAfterMs) {
      return false;
    }
    await reception.wait(delayMs, AbortSignal.any([signal, reception.closing]));
    if (signal.aborted || reception.closing.aborted) {
      return false;
    }
  }
}
