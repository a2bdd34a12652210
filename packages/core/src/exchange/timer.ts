import { untilAborted } from './until-aborted.ts';

/** The longest time of the platform's timers: beyond it one fires at once. */
export const longestTimerMs = 2_147_483_647;

/** Calls something later, without keeping the process alive; returns the function that takes this back. A time past the longest timer never comes. */
export function startTimer(timeMs: number, run: () => void): () => void {
  if (timeMs > longestTimerMs) {
    return () => undefined;
  }
  const timer = setTimeout(run, timeMs);
  letProcessEnd(timer);
  return () => clearTimeout(timer);
}

/** Waits, no longer than the longest timer, or rejects with the signal's own reason. */
export async function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(delayMs, longestTimerMs));
  });
  try {
    await untilAborted(over, signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Has a timer keep no process alive. A browser's is a number, and has no process. */
function letProcessEnd(timer: number | { unref?(): unknown }): void {
  if (typeof timer === 'object') timer.unref?.();
}
