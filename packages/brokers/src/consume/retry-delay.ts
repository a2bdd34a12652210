/**
 * How long a message waits before its next attempt: by the list of delays, whose last one counts for every further attempt, and not shorter than what
 * was asked for.
 */
export function retryDelayMs(attempt: number, delaysMs: readonly number[], askedMs: number | undefined): number {
  const own = delaysMs[Math.min(attempt, delaysMs.length) - 1] ?? 0;
  return askedMs === undefined || askedMs <= own ? own : (delaysMs.find((delayMs) => delayMs >= askedMs) ?? Math.max(own, ...delaysMs));
}
