/** Those who listen to a store. */
export interface Listeners {
  /** Adds one. @returns what takes it out again. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Calls them all. */
  readonly tell: () => void;
}

/** Nobody at first. */
export function listeners(): Listeners {
  const all = new Set<{ readonly tell: () => void }>();
  return {
    subscribe(tell) {
      const listener = { tell };
      all.add(listener);
      return () => void all.delete(listener);
    },
    tell() {
      for (const listener of [...all]) {
        try {
          listener.tell();
        } catch {
          // What was stored is stored: a fault in a display is no reason to say otherwise.
        }
      }
    },
  };
}
