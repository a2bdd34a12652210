/** What the work gives, or the signal's own reason, whichever is first. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let end: (reason: unknown) => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    end = reject;
  });
  const stop = (): void => end(signal?.reason);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
