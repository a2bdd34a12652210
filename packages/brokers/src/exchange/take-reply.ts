import { isMessagingError, MessagingError } from '@fhir-messaging/core';
import { report } from '../consume/consume.ts';
import type { WaitingReplies } from './waiting-replies.ts';

/** Who takes replies. */
export interface ReplyTakers {
  readonly waiting: WaitingReplies;
  /** Takes those that nobody waits for; without it they are ignored. */
  readonly onReply: ((reply: Uint8Array) => unknown) | undefined;
  readonly onError: ((error: unknown) => void) | undefined;
  /** Waits before the next try; resolves earlier when it is over. */
  readonly hold: (delayMs: number) => Promise<void>;
  /** Whether replies are no more ours to take: they are then given back. */
  readonly isOver: () => boolean;
}

/** How often `onReply` may fail at one reply before that is given up: after some seven minutes. */
const maxFailures = 20;

const longestDelayMs = 30_000;

/** What fails at the reply itself, and so will the next time. */
const unreadable: ReadonlySet<string | undefined> = new Set(['json.invalid', 'input.limit', 'message.invalid', 'reply.invalid']);

/**
 * Hands a reply to who waits for it, or else to `onReply`, for as long as that fails: a store that is away may come back. What was closed (`closed`) may be made
 * anew, and is waited for without end.
 *
 * @returns `acknowledge` when it was taken, cannot be read, or was given up, which `onError` is told; `return` where it is over.
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
