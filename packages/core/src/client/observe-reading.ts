import { holderOf } from './observed.ts';
import type { Observed } from './observed.ts';

/** How far a read is. Switch on `kind`. */
export type ReadingState<TValue, TProgress = undefined> =
  /** The read is on its way; `progress` is what it told last. */
  | { readonly kind: 'reading'; readonly progress: TProgress | undefined }
  | { readonly kind: 'ready'; readonly value: TValue }
  /** What the read rejected with; `toIssues` makes it something to show. */
  | { readonly kind: 'failed'; readonly error: unknown };

/** What a read is given. */
export interface ReadingOptions<TProgress> {
  /** Aborts when the last subscriber has left, and when `reload` begins another read. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TProgress) => void;
}

/** A value that is read while somebody subscribes, as a state to show. */
export interface Reading<TValue, TProgress = undefined> extends Observed<ReadingState<TValue, TProgress>> {
  /** Reads it again. */
  readonly reload: () => void;
}

/**
 * Reads something once somebody subscribes, and stops when the last subscriber leaves; a finished read is kept.
 *
 * @example
 * observeReading(({ signal, onProgress }: ReadingOptions<AssembleProgress>) =>
 *   assemble(event, focus, { ...fetchReader({ baseUrl }), signal, onProgress }));
 */
export function observeReading<TValue, TProgress = undefined>(
  read: (options: ReadingOptions<TProgress>) => Promise<TValue>,
): Reading<TValue, TProgress> {
  const { getState, setState, subscribe } = holderOf<ReadingState<TValue, TProgress>>({ kind: 'reading', progress: undefined });
  let stop: AbortController | undefined;
  const watchers = new Set<object>();

  async function start(): Promise<void> {
    stop?.abort();
    const own = new AbortController();
    stop = own;
    const isOver = (): boolean => own.signal.aborted;
    const state = getState();
    if (state.kind !== 'reading' || state.progress !== undefined) setState({ kind: 'reading', progress: undefined });
    try {
      const value = await read({
        signal: own.signal,
        onProgress(progress) {
          if (!isOver()) setState({ kind: 'reading', progress });
        },
      });
      if (!isOver()) setState({ kind: 'ready', value });
    } catch (error) {
      if (!isOver()) setState({ kind: 'failed', error });
    }
  }

  return {
    getState,
    subscribe(listener) {
      const leave = subscribe(listener);
      const watcher = {};
      watchers.add(watcher);
      if (stop === undefined) void start();
      return () => {
        leave();
        watchers.delete(watcher);
        // React's StrictMode unsubscribes, and subscribes again at once.
        queueMicrotask(() => {
          if (watchers.size === 0 && getState().kind === 'reading') {
            stop?.abort();
            stop = undefined;
          }
        });
      };
    },
    reload: () => void start(),
  };
}
