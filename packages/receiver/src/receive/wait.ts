/** The longest time of the platform's timers: beyond it one fires at once. */
export const longestTimerMs = 2_147_483_647;

/** Lets time pass; resolves earlier when the signal aborts. */
export type Wait = (delayMs: number, signal: AbortSignal) => Promise<void>;

/** Waits by the platform's own timer, no longer than that can. */
export const wait: Wait = (delayMs, signal) =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(delayMs, longestTimerMs));
    signal.addEventListener('abort', end);
    if (signal.aborted) {
      end();
    }
  });
