import { untilAborted } from '@fhir-messaging/core';
import { startTimer } from '../exchange/start-timer.ts';
import { goodbyeMs, withinTime } from '../exchange/within-time.ts';
import { wait as waitByTimer } from './wait.ts';

/** The end of a delivery, as the broker is told. */
type End = 'acknowledge' | 'return';

/** How long the closing of a consumer may take. */
export interface ClosingLimits {
  /** The time of running handlers before their signal aborts, in milliseconds. */
  readonly closeWithinMs: number;
  /** The broker's time after that to confirm messages that are being written, in milliseconds. */
  readonly confirmTimeoutMs: number;
}

/** The work of one consumer, which outlives its closing by a bounded time. */
export interface ConsumerWork {
  /** Aborts when closing takes too long. */
  readonly signal: AbortSignal;
  /** Waits before a next attempt; rejects as soon as the consumer is closed, or the signal aborts: only running handlers get time then. */
  readonly wait: (delayMs: number, signal?: AbortSignal) => Promise<void>;
  /** Works on one delivery; `return` for work that would begin or wait while the consumer is closed, or that outlasts the limits of its closing. */
  run(work: () => Promise<End>): Promise<End>;
  /** Closes, whatever handlers and broker do. @param stop - takes nothing further, and resolves when the work is over and the broker was told. */
  close(stop: () => Promise<void>): Promise<void>;
}

/** The work of a consumer that is closed within limits. */
export function consumerWork({ closeWithinMs, confirmTimeoutMs }: ClosingLimits): ConsumerWork {
  const closed = new AbortController();
  const isClosed = (): boolean => closed.signal.aborted;
  const patience = new AbortController();
  const givenUp = new AbortController();
  return {
    signal: patience.signal,
    wait: async (delayMs, signal = closed.signal) => {
      await waitByTimer(delayMs, closed.signal, signal);
      closed.signal.throwIfAborted();
      signal.throwIfAborted();
    },
    async run(work) {
      if (isClosed()) return 'return';
      try {
        return await untilAborted(work(), givenUp.signal);
      } catch (error) {
        if (isClosed()) return 'return';
        throw error;
      }
    },
    async close(stop) {
      const longestMs = closeWithinMs + confirmTimeoutMs;
      // A turn later: a delivery that is given back before the broker knows that no more is taken would come here again.
      const timers = [startTimer(0, () => closed.abort()), startTimer(closeWithinMs, () => patience.abort()), startTimer(longestMs, () => givenUp.abort())];
      await withinTime(longestMs + goodbyeMs, stop());
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
