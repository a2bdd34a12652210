import type { Delivery, ErrorCode } from '../errors.ts';
import type { EventName } from '../event/event-name.ts';
import type { Reply } from './reply.ts';

/** What a send is doing; never what it sends. */
export type ProgressEvent =
  /** An attempt begins. */
  | { readonly kind: 'attempt'; readonly attempt: number }
  /** The attempt arrived: an answer came, with its HTTP status where there is one. */
  | { readonly kind: 'sent'; readonly attempt: number; readonly status: number | undefined }
  /**
   * The next attempt waits, until a time in milliseconds since 1970; `unanswered` as below, of those before it. `code`: of the error that the last one
   * ended with; none after a `transient-error`. `needsSignIn`, of a send through an outbox: it also waits until somebody signs in.
   */
  | {
      readonly kind: 'waiting';
      readonly attempt: number;
      readonly delayMs: number;
      readonly untilMs: number;
      readonly unanswered: boolean;
      readonly code?: ErrorCode | undefined;
      readonly needsSignIn?: boolean | undefined;
    }
  /** The other side has taken the message over. */
  | { readonly kind: 'accepted'; readonly attempt: number; readonly duplicate: boolean }
  /** An answer was read; of an asynchronous exchange, when `messenger.accept` took it. */
  | { readonly kind: 'replied'; readonly attempt: number; readonly reply: Reply['kind'] }
  /**
   * The send is over without an answer; `delivery` is what is known of the message's arrival. `unanswered`: an attempt may have arrived, and nothing said
   * what became of it; where it is false, the message was not processed, such as after a `transient-error`. `code`: of the error that the send rejects with,
   * where that is a MessagingError.
   */
  | { readonly kind: 'delivery'; readonly attempt: number; readonly delivery: Delivery; readonly unanswered: boolean; readonly code?: ErrorCode | undefined };

/** Names a message, and says nothing of what is in it. */
export interface MessageNames {
  /** Its `identity.message`. */
  readonly message: string | undefined;
  readonly event: EventName | undefined;
}

/** Is told what a send is doing, and of which message. What it throws is ignored. */
export type ProgressListener = (event: ProgressEvent, about: MessageNames) => void;

/**
 * Tells observers something. None of them can harm what it observes: what one throws, or rejects with, is ignored.
 *
 * @example tell([options.onError], error)
 */
export function tell<TEvent, TMore extends readonly unknown[]>(observers: readonly (((event: TEvent, ...more: TMore) => void) | undefined)[], event: TEvent, ...more: TMore): void {
  for (const observer of observers) {
    try {
      const returned: unknown = observer?.(event, ...more);
      if (returned !== undefined) Promise.resolve(returned).catch(() => undefined);
    } catch {
      // An observer displays; a fault in a display is no reason to lose what it shows.
    }
  }
}
