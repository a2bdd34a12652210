/** The longest time of the platform's timers: beyond it one fires at once. */
const longestMs = 2_147_483_647;

/** Calls a function at an interval, by a timer that keeps no process alive. @returns a function that stops it. */
export function every(everyMs: number, run: () => void): () => void {
  const timer = setInterval(run, Math.min(everyMs, longestMs));
  const handle: unknown = timer;
  if (typeof handle === 'object' && handle !== null && 'unref' in handle && typeof handle.unref === 'function') Reflect.apply(handle.unref, handle, []);
  return () => clearInterval(timer);
}
