/** A number of things that may go on at once. */
export interface Slots {
  readonly isFull: boolean;
  /** Whether nothing goes on, and nothing waits. */
  readonly isIdle: boolean;
  /** Does some work as soon as there is a slot for it. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when there is a slot that nobody waits for. */
  untilFree(): Promise<void>;
}

/** A number of slots, given in the order in which they were asked for. */
export function slotsOf(count: number): Slots {
  const waiting: (() => void)[] = [];
  const watching: (() => void)[] = [];
  let taken = 0;
  const give = (): void => {
    const next = waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    taken -= 1;
    watching.splice(0).forEach((look) => {
      look();
    });
  };
  return {
    get isFull() {
      return taken >= count;
    },
    get isIdle() {
      return taken === 0;
    },
    async run(work) {
      if (taken >= count) {
        // `give` hands a slot on: it stays taken.
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else {
        taken += 1;
      }
      try {
        return await work();
      } finally {
        give();
      }
    },
    async untilFree() {
      while (taken >= count) {
        await new Promise<void>((resolve) => watching.push(resolve));
      }
    },
  };
}
