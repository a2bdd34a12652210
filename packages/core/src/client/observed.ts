import { tell } from '../exchange/progress.ts';

/** A state that can be watched: what a view needs of it, and what React's `useSyncExternalStore` takes. Its functions need no `this`. */
export interface Observed<TState> {
  /** The state as it stands; the same object until it changes. */
  readonly getState: () => TState;
  /** Calls a listener after each change, and returns the function that ends this. What the listener throws is ignored. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A state that its holder may change. */
export interface Holder<TState> extends Observed<TState> {
  readonly setState: (state: TState) => void;
}

/**
 * Holds a state.
 *
 * @param watched - called when the first listener comes; the function that it returns is called when the last one has left.
 * @example const { getState, setState, subscribe } = holderOf({ count: 0 })
 */
export function holderOf<TState>(initial: TState, watched?: () => () => void): Holder<TState> {
  let current = initial;
  let unwatched: (() => void) | undefined;
  const listeners = new Set<{ readonly tell: () => void }>();
  return {
    getState: () => current,
    setState(state) {
      if (state === current) return;
      current = state;
      tell([...listeners].map((listener) => listener.tell), undefined);
    },
    subscribe(run) {
      // An object for each subscription: a listener that subscribes twice is told twice, and leaves twice.
      const listener = { tell: () => run() };
      listeners.add(listener);
      if (listeners.size === 1) unwatched = watched?.();
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) unwatched?.();
      };
    },
  };
}
