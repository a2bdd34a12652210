/** Waits; ends early, without an error, where the signal aborts. */
export type Sleep = (delayMs: number, signal: AbortSignal) => Promise<void>;

/** Waits by the platform's timer. */
export const sleep: Sleep = (delayMs, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(end, delayMs);
    signal.addEventListener('abort', end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
