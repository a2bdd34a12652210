/** Tells watchers that something changed; they look up what. */
export interface Changes {
  announce(): void;
  /** Watches until the signal aborts. */
  watch(listener: () => void, signal: AbortSignal): void;
}

/** Changes without watchers yet. */
export function createChanges(): Changes {
  const target = new EventTarget();
  return {
    announce() {
      target.dispatchEvent(new Event('change'));
    },
    watch(listener, signal) {
      target.addEventListener('change', listener, { signal });
    },
  };
}
