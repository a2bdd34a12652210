/** Runs calls of one key one after another, whatever became of the call before: a store may end the second of two first. */
export function oneByOne(): <T>(key: string, run: () => Promise<T>) => Promise<T> {
  const latest = new Map<string, Promise<unknown>>();
  return (key, run) => {
    const done: ReturnType<typeof run> = (latest.get(key)?.then(run, run) ?? run()).finally(() => latest.get(key) === done && latest.delete(key));
    latest.set(key, done);
    return done;
  };
}
