/** Tells those who watch that something changed; what, they look up. */
export interface Changes {
  announce(): void;
  /** Watches until the signal aborts. */
  watch(listener: () => void, signal: AbortSignal): void;
}

/** Nobody watches yet. */
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
