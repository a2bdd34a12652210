import type { Delivery } from '../errors.ts';
import type { Reply } from './reply.ts';

/** What a send is doing; never what it sends. */
export type ProgressEvent =
  /** An attempt begins. */
  | { readonly kind: 'attempt'; readonly attempt: number }
  /** The next attempt waits. */
  | { readonly kind: 'waiting'; readonly attempt: number; readonly delayMs: number }
  /** An answer was read. */
  | { readonly kind: 'replied'; readonly attempt: number; readonly reply: Reply['kind'] }
  /** The send is over without an answer; this is what is known of the message's arrival. */
  | { readonly kind: 'delivery'; readonly attempt: number; readonly delivery: Delivery };

/** Is told what a send is doing. What it throws is ignored. */
export type Observer = (event: ProgressEvent) => void;

/** Tells observers, none of whom can harm the send. */
export function tell(observers: readonly (Observer | undefined)[], event: ProgressEvent): void {
  for (const observer of observers) {
    try {
      observer?.(event);
    } catch {
      // An observer displays; a fault in a display is no reason to lose a message.
    }
  }
}
