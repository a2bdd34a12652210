import { MessagingError } from '../errors.ts';

/**
 * Runs something under a time limit and the caller's signal.
 *
 * @throws {MessagingError} `transport.timeout` when the time is up; the signal's own reason when that aborts.
 */
export async function withTimeLimit<T>(timeoutMs: number, signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort();
  }, timeoutMs);
  try {
    return await run(signal ? AbortSignal.any([signal, limit.signal]) : limit.signal);
  } catch (cause) {
    signal?.throwIfAborted();
    if (limit.signal.aborted) {
      throw new MessagingError('transport.timeout', `No answer came within ${timeoutMs} ms.`, { delivery: 'unknown', cause });
    }
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits, or rejects with the signal's own reason. */
export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, delayMs);
    if (signal?.aborted === true) {
      stop();
    } else {
      signal?.addEventListener('abort', stop, { once: true });
    }
  });
}
