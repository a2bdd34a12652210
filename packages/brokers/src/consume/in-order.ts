/** Runs work of one key in the order of the calls, and work of different keys at once. */
export interface InOrder {
  readonly run: <T>(key: string | undefined, work: () => Promise<T>) => Promise<T>;
}

/** An order of its own for each key; work without a key waits for nothing. */
export function inOrder(): InOrder {
  const last = new Map<string, Promise<unknown>>();
  return {
    async run(key, work) {
      if (key === undefined) {
        return work();
      }
      const before = last.get(key);
      const done = before === undefined ? work() : before.then(work);
      const settled = done.catch(() => undefined);
      last.set(key, settled);
      try {
        return await done;
      } finally {
        if (last.get(key) === settled) last.delete(key);
      }
    },
  };
}
