/**
 * Runs something with a lock; asked again while the lock is waited for or held, it does no more than remember that.
 *
 * @param request - asks the platform for the lock, and resolves when it is given back.
 * @param left - is told when the lock was given back, and whether somebody asked after the run.
 */
export function lockQueue(request: (begin: () => Promise<void>) => Promise<unknown>, run: () => Promise<void>, failed: (error: unknown) => void, left: (isMissed: boolean) => void): () => void {
  let isQueued = false;
  let isMissed = false;
  const leave = (): void => {
    isQueued = false;
    left(isMissed);
  };
  return () => {
    // The lock may be held by a run of this very sender that has looked for the last time.
    isMissed = isQueued;
    if (isQueued) return;
    isQueued = true;
    let isGiven = false;
    const begin = (): Promise<void> => {
      isGiven = true;
      isMissed = false;
      return run();
    };
    // The leases alone have to do where the platform refuses locks, as in a sandboxed frame.
    const orWithout = (error: unknown): Promise<void> | undefined => {
      if (isGiven) return;
      failed(error);
      return begin();
    };
    void request(begin).catch(orWithout).then(leave);
  };
}
