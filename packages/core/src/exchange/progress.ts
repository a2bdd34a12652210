import type { Delivery } from '../errors.ts';
import type { Reply } from './reply.ts';

/** What a send is doing; never what it sends. */
export type ProgressEvent =
  /** An attempt begins. */
  | { readonly kind: 'attempt'; readonly attempt: number }
  /** The attempt arrived: an answer came, with its HTTP status where there is one. */
  | { readonly kind: 'sent'; readonly attempt: number; readonly status: number | undefined }
  /** The next attempt waits, until a time in milliseconds since 1970; `unanswered` as below, of those before it. */
  | { readonly kind: 'waiting'; readonly attempt: number; readonly delayMs: number; readonly untilMs: number; readonly unanswered: boolean }
  /** The other side has taken the message over. */
  | { readonly kind: 'accepted'; readonly attempt: number; readonly duplicate: boolean }
  /** An answer was read; of an asynchronous exchange, when `messenger.accept` took it. */
  | { readonly kind: 'replied'; readonly attempt: number; readonly reply: Reply['kind'] }
  /**
   * The send is over without an answer; `delivery` is what is known of the message's arrival. `unanswered`: an attempt may have arrived, and nothing said
   * what became of it; where it is false, the message was not processed, such as after a `transient-error`.
   */
  | { readonly kind: 'delivery'; readonly attempt: number; readonly delivery: Delivery; readonly unanswered: boolean };

/** Is told what a send is doing. What it throws is ignored. */
export type ProgressListener = (event: ProgressEvent) => void;

/**
 * Tells observers something. None of them can harm what it observes: what one throws, or rejects with, is ignored.
 *
 * @example tell([options.onError], error)
 */
export function tell<TEvent>(observers: readonly (((event: TEvent) => void) | undefined)[], event: TEvent): void {
  for (const observer of observers) {
    try {
      const returned: unknown = observer?.(event);
      if (returned !== undefined) Promise.resolve(returned).catch(() => undefined);
    } catch {
      // An observer displays; a fault in a display is no reason to lose what it shows.
    }
  }
}
