import { startTimer } from '../exchange/start-timer.ts';

/** Waits by the platform's own timer; resolves earlier when one of the signals aborts. */
export function wait(delayMs: number, ...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = startTimer(delayMs, end);
    for (const signal of signals) signal.addEventListener('abort', end);
    if (signals.some(({ aborted }) => aborted)) end();
  });
}
