import type { Wait } from './receive/wait.ts';

/** The time for claims to be given up in, once nobody waits for handlers any more. */
const givingUpMs = 1_000;

/** Waits for work, and ends it after a time, where one is given. @param work - never rejects. */
export async function closeWithin(withinMs: number | undefined, work: Promise<unknown>, end: () => void, wait: Wait): Promise<void> {
  const done = new AbortController();
  const whole = work.then(() => done.abort());
  if (withinMs === undefined) {
    return whole;
  }
  await wait(withinMs, done.signal);
  if (!done.signal.aborted) {
    end();
    await wait(givingUpMs, done.signal);
  }
}
