/** A page that is no secure context has none, nor have older runtimes. */
const platform: { readonly navigator?: { readonly locks?: Pick<LockManager, 'request'> } } = globalThis;

/** Others wait no longer than this for a tab that was frozen in between. */
const patienceMs = 5_000;

/** Runs something while no other tab of the origin runs anything under the same name, where the platform has locks; once, whatever they do. */
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
