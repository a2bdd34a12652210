import { MessagingError } from '../errors.ts';
import type { Delivery } from '../errors.ts';
import type { Reply } from './reply.ts';

/** What is known of a message's arrival, over all its attempts. */
export interface Arrival {
  /** `no` only where no attempt can have arrived. */
  readonly known: Delivery;
  /** Whether an attempt, be it the one under way, may have arrived without an answer that says what became of it. */
  readonly unanswered: boolean;
  /**
   * Begins an attempt.
   *
   * @param onLeaving - the caller's, which may still stop the attempt.
   * @returns the function that the transport calls when the request is about to leave.
   */
  begin(onLeaving: (() => void) | undefined, signal: AbortSignal | undefined): () => void;
  /** Takes in the outcome of the attempt that began last. */
  end(outcome: Reply | MessagingError): void;
}

/** Follows a message's arrival. */
export function followArrival(): Arrival {
  /** The arrival by the attempts that ended. */
  let known: Delivery = 'no';
  let unanswered = false;
  /** Whether the attempt under way may have left. Each attempt has its own object, so that one whose time was up cannot change the next one's. */
  let current: { isAway: boolean } = { isAway: false };
  return {
    get known() {
      return current.isAway ? 'unknown' : known;
    },
    get unanswered() {
      return current.isAway || unanswered;
    },
    begin(onLeaving, signal) {
      const own: typeof current = { isAway: true };
      current = own;
      let hasLeft = false;
      return () => {
        own.isAway = hasLeft;
        try {
          onLeaving?.();
        } catch (cause) {
          throw new MessagingError('transport.failed', 'onLeaving failed.', { delivery: hasLeft ? 'unknown' : 'no', cause });
        }
        // A second call means that an adapter repeats the request: the first one left.
        hasLeft = true;
        if (!signal?.aborted) own.isAway = true;
      };
    },
    end(outcome) {
      current.isAway = false;
      if ('kind' in outcome) {
        known = 'yes';
        return;
      }
      const { delivery = 'unknown' } = outcome;
      known = delivery === 'no' && known !== 'no' ? 'unknown' : delivery;
      unanswered ||= delivery !== 'no';
    },
  };
}
