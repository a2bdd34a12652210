import { onAbort, untilAborted } from '@fhir-messaging/core';
import { startTimer } from './start-timer.ts';

/** Does some work, with a signal that aborts with the caller's, or when the time is up. @throws the work's own error, or the reason of the abort */
export async function withTimeLimit<T>(limitMs: number, signal: AbortSignal, timeUp: () => Error, work: (limited: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const timer = startTimer(limitMs, () => limit.abort(timeUp()));
  const leave = onAbort(signal, () => limit.abort(signal.reason));
  try {
    return await untilAborted(work(limit.signal), limit.signal);
  } finally {
    clearTimeout(timer);
    leave();
  }
}
