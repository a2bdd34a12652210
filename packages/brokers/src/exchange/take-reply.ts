import { isMessagingError, MessagingError } from '@fhir-messaging/core';
import { report } from '../consume/report.ts';
import type { WaitingReplies } from './waiting-replies.ts';

/** The takers of replies. */
export interface ReplyTakers {
  readonly waiting: WaitingReplies;
  /** Takes replies that nobody waits for; without it they are ignored. */
  readonly onReply: ((reply: Uint8Array) => unknown) | undefined;
  readonly onError: ((error: unknown) => void) | undefined;
  /** Waits before the next try; resolves earlier when `isOver`. */
  readonly hold: (delayMs: number) => Promise<void>;
  /** Whether replies are no longer ours to take: they are then given back. */
  readonly isOver: () => boolean;
}

/** How often `onReply` may fail at one reply before the reply is given up, after some seven minutes. */
const maxFailures = 20;

const longestDelayMs = 30_000;

/** The codes of errors in the reply itself, at which the next try would fail too. */
const unreadable: ReadonlySet<string | undefined> = new Set(['json.invalid', 'input.limit', 'message.invalid', 'reply.invalid']);

/**
 * Hands a reply to the send that waits for it, or else to `onReply`, again as long as that fails: a store that is away may come back. A messenger that
 * was closed (`closed`) may be made anew, and is waited for without end.
 *
 * @returns `acknowledge` when the reply was taken, cannot be read, or was given up, which `onError` is told; `return` where it is no longer ours.
 */
export async function takeReply(reply: Uint8Array, { waiting, onReply, onError, hold, isOver }: ReplyTakers): Promise<'acknowledge' | 'return'> {
  let failures = 0;
  for (let delayMs = 1000; ; delayMs = Math.min(2 * delayMs, longestDelayMs)) {
    try {
      if (!waiting.take(reply)) await onReply?.(reply);
      return 'acknowledge';
    } catch (error) {
      report(error, { onError });
      const code = isMessagingError(error) ? error.code : undefined;
      if (unreadable.has(code)) {
        return 'acknowledge';
      }
      if (code !== 'closed') failures += 1;
      if (failures === maxFailures) {
        report(new MessagingError('transport.failed', 'A reply is lost: onReply failed to take it too often.', { attempts: failures, cause: error }), { onError });
        return 'acknowledge';
      }
    }
    await hold(delayMs);
    if (isOver()) {
      return 'return';
    }
  }
}
