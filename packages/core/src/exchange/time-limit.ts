import { MessagingError } from '../errors.ts';
import { onAbort } from './on-abort.ts';
import { longestTimerMs } from './timer.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * Runs something under a time limit and the caller's signal. Neither waits for work that ignores its own signal.
 *
 * @param late - makes the error for when the time is up.
 * @throws {MessagingError} `transport.timeout` when the time is up, or what `late` makes; the signal's own reason when that aborts.
 */
export async function withTimeLimit<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
  late = (): MessagingError => new MessagingError('transport.timeout', `No answer within ${timeoutMs} ms.`, { delivery: 'unknown' }),
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(
    () => {
      limit.abort(late());
    },
    Math.min(timeoutMs, longestTimerMs),
  );
  const leave = onAbort(signal, () => limit.abort(signal?.reason));
  try {
    return await untilAborted(run(limit.signal), limit.signal);
  } catch (error) {
    limit.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    leave();
  }
}
