/** The signal of all work of one consumer, which outlives its closing by a bounded time. */
export interface ConsumerSignal {
  readonly signal: AbortSignal;
  /** Gives running handlers this long, then aborts the signal; gives what ends the waiting. */
  abortAfter(graceMs: number): () => void;
}

/** A signal that aborts when a consumer's closing takes too long. */
export function consumerSignal(): ConsumerSignal {
  const closing = new AbortController();
  return {
    signal: closing.signal,
    abortAfter(graceMs) {
      const timer = setTimeout(() => closing.abort(), graceMs);
      return () => clearTimeout(timer);
    },
  };
}
