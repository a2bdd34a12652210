/** A number of things that may go on at once. */
export interface Slots {
  readonly isFull: boolean;
  /** Does some work as soon as there is a slot for it. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** So many slots, given in the order in which they were asked for. */
export function slotsOf(count: number): Slots {
  const waiting: (() => void)[] = [];
  let taken = 0;
  return {
    get isFull() {
      return taken >= count;
    },
    async run(work) {
      if (taken >= count) {
        // Whoever is done hands the slot on.
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else {
        taken += 1;
      }
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) {
          taken -= 1;
        } else {
          next();
        }
      }
    },
  };
}
