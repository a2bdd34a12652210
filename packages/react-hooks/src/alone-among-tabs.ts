/** Node and a page that is no secure context have none; Safari had none before 15.4. */
const platform: { readonly navigator?: { readonly locks?: Pick<LockManager, 'request'> } } = globalThis;

/** A tab that was frozen in between holds up the others for no longer. */
const patienceMs = 5_000;

/** Runs something while no other tab of the origin runs anything under the same name, where the platform has locks. */
export function aloneAmongTabs<T>(name: string, run: () => Promise<T>): Promise<T> {
  let running: Promise<T> | undefined;
  const begin = (): Promise<T> => (running ??= run());
  return platform.navigator?.locks?.request(name, { signal: AbortSignal.timeout(patienceMs) }, begin).catch(begin) ?? begin();
}
