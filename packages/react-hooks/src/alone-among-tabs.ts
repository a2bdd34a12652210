/** The platform; an insecure context has no `locks`, nor have older runtimes. */
const platform: { readonly navigator?: { readonly locks?: Pick<LockManager, 'request'> } } = globalThis;

/** How long a tab waits for the lock, which a frozen tab may have. */
const patienceMs = 5_000;

/** Runs a function once, while no other tab of the origin runs one under the same name, where the platform has locks and gives one in time. */
export async function aloneAmongTabs<T>(name: string, run: () => Promise<T>): Promise<T> {
  let running: Promise<T> | undefined;
  const begin = (): Promise<T> => (running ??= run());
  try {
    await platform.navigator?.locks?.request(name, { signal: AbortSignal.timeout(patienceMs) }, begin);
  } catch {
    // The lock was refused, or came too late. What `run` itself threw is thrown again below.
  }
  return begin();
}
