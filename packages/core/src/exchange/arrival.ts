import { MessagingError } from '../errors.ts';
import type { Delivery } from '../errors.ts';
import type { Reply } from './reply.ts';

/** What is known of a message's arrival, over all its attempts. */
export interface Arrival {
  /** `no` only where no attempt can have arrived. */
  readonly known: Delivery;
  /** Whether an attempt may have arrived without an answer. */
  readonly mayHaveArrived: boolean;
  /**
   * An attempt begins.
   *
   * @param onLeaving - the caller's, which may still stop the attempt.
   * @returns what the transport calls when the request is about to leave.
   */
  begin(onLeaving: (() => void) | undefined, signal: AbortSignal | undefined): () => void;
  /** The attempt that began last came to this. */
  end(outcome: Reply | MessagingError): void;
}

/** Follows a message's arrival. */
export function followArrival(): Arrival {
  let known: Delivery = 'no';
  let before: Delivery = 'no';
  let mayHaveArrived = false;
  let current: object | undefined;
  return {
    get known() {
      return known;
    },
    get mayHaveArrived() {
      return mayHaveArrived;
    },
    begin(onLeaving, signal) {
      const own = {};
      current = own;
      before = known;
      known = 'unknown';
      let whereStopped = before;
      return () => {
        // An attempt whose time was up says nothing of the one after it.
        if (current === own) known = whereStopped;
        try {
          onLeaving?.();
        } catch (cause) {
          throw new MessagingError('transport.failed', 'onLeaving failed.', { delivery: whereStopped, cause });
        }
        // An adapter that repeats a request calls this again: the first one left.
        whereStopped = 'unknown';
        if (current === own && !signal?.aborted) known = whereStopped;
      };
    },
    end(outcome) {
      if ('kind' in outcome) {
        known = 'yes';
        return;
      }
      const { delivery = 'unknown' } = outcome;
      known = delivery === 'no' && before !== 'no' ? 'unknown' : delivery;
      mayHaveArrived ||= delivery !== 'no';
    },
  };
}
