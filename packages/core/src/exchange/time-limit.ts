import { MessagingError } from '../errors.ts';
import { isObject } from '../fhir/json.ts';

/** Beyond this a timer of the platform fires at once. */
const longestTimerMs = 2_147_483_647;

/**
 * Runs something under a time limit and the caller's signal. Neither waits for work that ignores its own signal.
 *
 * @param late - makes what it rejects with when the time is up.
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
  const stop = (): void => limit.abort(signal?.reason);
  // `AbortSignal.any` costs more, in weak references, than all the rest here.
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    return await untilAborted(run(limit.signal), limit.signal);
  } catch (error) {
    limit.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** What the work gives, or the signal's own reason, whichever is first. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let end: (reason: unknown) => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    end = reject;
  });
  const stop = (): void => end(signal?.reason);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Calls something later, in a way that keeps no process alive; gives what takes that back. A time past what a timer can hold never comes. */
export function startTimer(timeMs: number, run: () => void): () => void {
  if (timeMs > longestTimerMs) {
    return () => undefined;
  }
  const timer = setTimeout(run, timeMs);
  const handle: unknown = timer;
  if (isObject(handle) && typeof handle['unref'] === 'function') {
    Reflect.apply(handle['unref'], handle, []);
  }
  return () => clearTimeout(timer);
}

/** Waits, or rejects with the signal's own reason. */
export async function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, delayMs);
  });
  try {
    await untilAborted(over, signal);
  } finally {
    clearTimeout(timer);
  }
}
