/** The waits between attempts where nobody says otherwise. */
const usualDelaysMs: readonly number[] = [1000, 10_000, 60_000];

/** The waits between attempts. @throws {TypeError} when the list is empty. */
export function retryDelays(delaysMs: readonly number[] = usualDelaysMs): readonly number[] {
  if (delaysMs.length === 0) {
    throw new TypeError('retryDelaysMs: give one wait at least.');
  }
  return delaysMs;
}

/**
 * How long a message waits before its next attempt: by the list of delays, whose last one counts for every further attempt. Where a longer wait was
 * asked for, the first delay that is as long, or the longest.
 */
export function redeliveryDelayMs(attempt: number, delaysMs: readonly number[], askedMs: number | undefined): number {
  const own = delaysMs[Math.min(attempt, delaysMs.length) - 1] ?? 0;
  return askedMs === undefined || askedMs <= own ? own : (delaysMs.find((delayMs) => delayMs >= askedMs) ?? Math.max(own, ...delaysMs));
}
