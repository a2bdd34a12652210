/** Those who want to be told of something. */
export interface Listeners {
  readonly size: () => number;
  readonly tell: () => void;
  /** Adds one. @returns what takes it out again. */
  readonly add: (tell: () => void) => () => void;
}

/** Nobody at first. */
export function listeners(): Listeners {
  const all = new Set<{ readonly tell: () => void }>();
  return {
    size: () => all.size,
    tell() {
      for (const { tell } of [...all]) {
        try {
          tell();
        } catch {
          // A fault in a display is no reason to lose a message.
        }
      }
    },
    add(tell) {
      const listener = { tell };
      all.add(listener);
      return () => void all.delete(listener);
    },
  };
}
