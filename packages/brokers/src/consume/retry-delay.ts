/** The waits between attempts where nobody says otherwise. */
const usualDelaysMs: readonly number[] = [1000, 10_000, 60_000];

/** The waits between attempts. @throws {TypeError} when there is none: nothing would wait anywhere. */
export function retryDelays(delaysMs: readonly number[] = usualDelaysMs): readonly number[] {
  if (delaysMs.length === 0) {
    throw new TypeError('retryDelaysMs: give one wait at least.');
  }
  return delaysMs;
}

/**
 * How long a message waits before its next attempt: by the list of delays, whose last one counts for every further attempt, and not shorter than what
 * was asked for.
 */
export function redeliveryDelayMs(attempt: number, delaysMs: readonly number[], askedMs: number | undefined): number {
  const own = delaysMs[Math.min(attempt, delaysMs.length) - 1] ?? 0;
  return askedMs === undefined || askedMs <= own ? own : (delaysMs.find((delayMs) => delayMs >= askedMs) ?? Math.max(own, ...delaysMs));
}
