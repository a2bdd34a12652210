import { onAbort } from './on-abort.ts';

/** Settles as the work does, or rejects with the signal's own reason, whichever is first; work that is settled already counts before an aborted signal. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let end: (reason: unknown) => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    end = reject;
  });
  const leave = onAbort(signal, () => end(signal?.reason));
  try {
    return await Promise.race([work, aborted]);
  } finally {
    leave();
  }
}
