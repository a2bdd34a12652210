/** The longest time of the platform's timers: beyond it one fires at once. */
const longestTimerMs = 2_147_483_647;

/** Calls a function at an interval, by a timer that keeps no process alive. @returns a function that stops it. */
export function every(everyMs: number, run: () => void): () => void {
  const timer = setInterval(run, Math.min(everyMs, longestTimerMs));
  letProcessEnd(timer);
  return () => clearInterval(timer);
}

/** Has a timer keep no process alive. A browser's is a number, and has no process. */
function letProcessEnd(timer: number | { unref?(): unknown }): void {
  if (typeof timer === 'object') timer.unref?.();
}
