/** Lets time pass; resolves earlier when the signal aborts. */
export type Wait = (delayMs: number, signal: AbortSignal) => Promise<void>;

/** Waits by the platform's own timer. */
export const wait: Wait = (delayMs, signal) =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener('abort', end);
    if (signal.aborted) {
      end();
    }
  });
