/** The longest time of the platform's timers: beyond it one fires at once. */
const longestTimerMs = 2_147_483_647;

/** Starts the platform's timer, with the longest time that it knows where it is given a longer one, such as `Infinity`. */
export function startTimer(timeMs: number, run: () => void): ReturnType<typeof setTimeout> {
  return setTimeout(run, Math.min(timeMs, longestTimerMs));
}
